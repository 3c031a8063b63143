import type { Server } from "node:http";
import { z } from "zod";
import { serveParent } from "../../harness/child-process.ts";
import { sampleShop } from "../../retail/sample-shop.ts";
import { startRetailServer } from "../../retail/server.ts";
import { ledgerServer } from "./ledger-server.ts";
import type { ToolServers } from "./tool-servers.ts";

/** Shop and ledger in a process that no kill reaches: what took effect there stays. Without a folder it is the sample shop. */
const Options = z.strictObject({ dataDir: z.string().nullable() });

await serveParent(Options, async ({ dataDir }): Promise<ToolServers> => {
  const shop = await startRetailServer(dataDir === null ? { database: sampleShop } : { dataDir });
  return { shopPort: shop.port, ledgerPort: await listening(ledgerServer()) };
});

function listening(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : 0);
    });
  });
}
