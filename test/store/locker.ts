// A process to be killed: holds the lock of a data folder for ever.
import { lock } from "../../src/store/lock.ts";

await lock(process.argv[2] ?? "");
process.stdout.write("locked\n");
setInterval(() => undefined, 1_000);
