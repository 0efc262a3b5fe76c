import "./styles/base.css";
import "./styles/frame.css";
import "./styles/controls.css";
import "./styles/dialog.css";
import "./styles/toast.css";
import "./styles/content.css";
import "./styles/table.css";
import { render } from "preact";
import { App } from "./app/app.tsx";
import { followKeys } from "./keyboard/bindings.ts";
import { followLinks } from "./route/location.ts";
import { runClock } from "./state/clock.ts";
import { followVisibility } from "./state/live.ts";
import { followTheme } from "./state/theme.ts";

followTheme();
followVisibility();
followLinks();
followKeys();
runClock();

const root = document.getElementById("millrace");
if (root !== null) render(<App />, root);
