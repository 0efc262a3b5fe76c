import { diag, metrics, trace } from "@opentelemetry/api";

/** A provider of an SDK. The API does not declare `forceFlush`, but every provider of an SDK has the method. */
interface SdkProvider {
  forceFlush(): Promise<void>;
}

/** The providers of traces and of metrics that an SDK has registered. */
function sdkProviders(): SdkProvider[] {
  return [delegateOf(trace.getTracerProvider()), metrics.getMeterProvider()].filter(isOfSdk);
}

/** The provider that the API's own provider stands for. The SDK may have another copy of the API, and so its class. */
function delegateOf(provider: object): object {
  if (!("getDelegate" in provider) || typeof provider.getDelegate !== "function") return provider;
  const delegate: unknown = provider.getDelegate();
  return typeof delegate === "object" && delegate !== null ? delegate : provider;
}

function isOfSdk(provider: object): provider is SdkProvider {
  return "forceFlush" in provider && typeof provider.forceFlush === "function";
}

/** Whether an SDK has registered a provider of traces or of metrics. */
export function hasSdk(): boolean {
  return sdkProviders().length > 0;
}

/** Asks the providers of an SDK to send what they hold. An SDK that cannot send tells its diagnostic log. */
export async function flushProviders(): Promise<void> {
  await Promise.all(
    sdkProviders().map(async (provider) => {
      try {
        await provider.forceFlush();
      } catch (error) {
        diag.error("@millrace/queue: the SDK could not send what it holds", error);
      }
    }),
  );
}
