/** The reader's way to send mail, in the examples. */
export const mailer: {
  send(mail: {
    to: string;
    template: string;
    key: string;
    signal: AbortSignal;
  }): Promise<{ unknownAddress: boolean }>;
} = { send: async () => ({ unknownAddress: false }) };
