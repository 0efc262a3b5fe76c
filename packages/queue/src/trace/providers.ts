import { diag, metrics, ProxyTracerProvider, trace } from "@opentelemetry/api";

/** A provider of an SDK. The API has no word for the method, but every provider of an SDK has it. */
interface SdkProvider {
  forceFlush(): Promise<void>;
}

/** The providers of traces and of metrics that an SDK has registered. */
function sdkProviders(): SdkProvider[] {
  const tracing = trace.getTracerProvider();
  const registered: object[] = [
    tracing instanceof ProxyTracerProvider ? tracing.getDelegate() : tracing,
    metrics.getMeterProvider(),
  ];
  return registered.filter(isOfSdk);
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
