import type { ComponentChildren } from "preact";

/** The names of the icons. Each is a picture of 16 by 16, in the colour of the text around it. */
export type IconName = keyof typeof PATHS;

/** An icon for the eye alone: the text beside it, or the label of its button, says the same. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">
      {PATHS[name]}
    </svg>
  );
}

const line = (d: string): ComponentChildren => (
  <path
    d={d}
    fill="none"
    stroke="currentColor"
    stroke-width="1.5"
    stroke-linecap="round"
    stroke-linejoin="round"
  />
);

const PATHS = {
  overview: line("M2 13.5h12M3.5 11V8M6.5 11V4.5M9.5 11V6.5M12.5 11V3"),
  jobs: line("M2.5 4h11M2.5 8h11M2.5 12h7"),
  failures: line("M8 2.2 14.2 13H1.8zM8 6.3v3M8 11.2v.1"),
  queues: line("M2 4.5h12v3H2zM2 9.5h8v3H2z"),
  schedules: line("M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM8 4.8V8l2.2 1.6"),
  workers: line("M3 3h10v7H3zM6 13h4M8 10v3M6 5.5l-1 1 1 1M10 5.5l1 1-1 1"),
  audit: line("M4 2h6l2.5 2.5V14H4zM6.2 7h4M6.2 9.5h4M6.2 12h2"),
  queued: line("M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11z"),
  running: (
    <>
      {line("M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11z")}
      <path d="M6.6 5.4v5.2L10.8 8z" fill="currentColor" />
    </>
  ),
  completed: (
    <path
      fill="currentColor"
      fill-rule="evenodd"
      d="M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zm3.3 4.6L7.2 10.7 4.9 8.4l1-1 1.3 1.3 3.1-3.1z"
    />
  ),
  failed: (
    <path
      fill="currentColor"
      fill-rule="evenodd"
      d="M5.4 2h5.2L14 5.4v5.2L10.6 14H5.4L2 10.6V5.4zm.7 3.1-1 1L7 8 5.1 9.9l1 1L8 9l1.9 1.9 1-1L9 8l1.9-1.9-1-1L8 7z"
    />
  ),
  canceled: line("M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11zM5.5 8h5"),
  warning: line("M8 2.2 14.2 13H1.8zM8 6.3v3M8 11.2v.1"),
  note: line("M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11zM8 7.3v3.4M8 5.2v.1"),
  close: line("m4 4 8 8M12 4l-8 8"),
  copy: line("M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3"),
  done: line("m3 8.5 3.2 3.2L13 4.8"),
  settings: line("M2 4.5h5M11 4.5h3M9 2.7v3.6M2 11.5h3M9 11.5h5M7 9.7v3.6"),
  keyboard: line("M1.5 4h13v8h-13zM4 6.5h.1M6.7 6.5h.1M9.3 6.5h.1M12 6.5h.1M4.5 9.5h7"),
  pause: line("M5.5 3.5v9M10.5 3.5v9"),
  play: line("M5 3.2v9.6L12.5 8z"),
  retry: line("M13 8a5 5 0 1 1-1.6-3.7M13 2.2v2.6h-2.6"),
} as const;
