import { diag, metrics, ProxyTracerProvider, trace } from "@opentelemetry/api";

/** Asks the providers of an SDK to send what they hold. An SDK that cannot send tells its diagnostic log. */
export async function flushProviders(): Promise<void> {
  const tracing = trace.getTracerProvider();
  const providers: object[] = [
    tracing instanceof ProxyTracerProvider ? tracing.getDelegate() : tracing,
    metrics.getMeterProvider(),
  ];
  await Promise.all(
    providers.map(async (provider) => {
      try {
        // The API has no word for this, but every provider of an SDK has the method.
        if ("forceFlush" in provider && typeof provider.forceFlush === "function")
          await provider.forceFlush();
      } catch (error) {
        diag.error("@millrace/queue: the SDK could not send what it holds", error);
      }
    }),
  );
}
