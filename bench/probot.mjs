// A Probot that verifies, parses, dispatches and stores nothing: node probot.mjs DIR SECRET
import { createServer } from "node:http";
import { generateKeyPairSync } from "node:crypto";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [directory, secret] = process.argv.slice(2);
const entry = join(resolve(directory), "node_modules", "probot", "lib", "index.js");
const { createNodeMiddleware, createProbot } = await import(pathToFileURL(entry));
const { privateKey } = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  publicKeyEncoding: { type: "spki", format: "pem" },
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
});
const probot = createProbot({
  overrides: { appId: 7, privateKey, secret, logLevel: "fatal" },
});
const middleware = await createNodeMiddleware(
  (app) => app.on("issue_comment.created", async () => {}),
  { probot, webhooksPath: "/webhook" },
);
const server = createServer((request, response) =>
  middleware(request, response, () => response.writeHead(404).end()),
);
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
