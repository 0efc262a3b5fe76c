import { type HeldClock, heldClock } from "@millrace/testpg";

/** A clock by which no worker polls: whatever claims after the first look was told to, or is a last look. */
export const pollingNever: HeldClock = heldClock((ms) => ms >= 30_000);
