// Packages that examples show and this repository does not install.
declare module "@opentelemetry/sdk-node";
declare module "@opentelemetry/exporter-trace-otlp-http";
