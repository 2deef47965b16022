// One sound: nothing to play, a verdict in two keys.

import { verdict } from "./verdict.js";

verdict();
