import { expect } from "chai";
import { execFile, spawnSync } from "node:child_process";
import { readFileSync, symlinkSync } from "node:fs";
import { createServer, request as ask } from "node:http";
import type { Server } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { connect } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { command, runFeedsUpdate } from "../../src/commands/feeds-update.js";
import type { Io } from "../../src/commands/io.js";
import { openWeb } from "../../src/fetch/index.js";
import type { Answer } from "../../src/fetch/index.js";
import { folderWith, keptIo, readWords } from "../support/command.js";
import type { Microsoft } from "../support/microsoft.js";
import { closed, listening, playMicrosoft, serviceTags, text } from "../support/microsoft.js";

describe("a proxy of the environment", () => {
  let microsoft: Microsoft;
  let proxy: { readonly url: string; readonly asked: string[]; readonly server: Server; login: string | undefined };

  beforeEach(async () => {
    microsoft = await playMicrosoft();
    microsoft.on("/tags.json", text(serviceTags(10)));
    proxy = await playProxy();
  });
  afterEach(async () => {
    await microsoft.close();
    await closed(proxy.server);
  });

  it("is given plain http as http", async () => {
    const answer = await get({ HTTP_PROXY: proxy.url });
    expect(answer.kind).to.equal("body");
    expect(proxy.asked).to.deep.equal([`GET ${microsoft.url}/tags.json`]);
  });

  it("may be written in lower case, without http://, or as the one for all", async () => {
    for (const env of [
      { http_proxy: proxy.url, HTTP_PROXY: "http://127.0.0.1:9" },
      { http_proxy: proxy.url.replace("http://", "") },
      { ALL_PROXY: proxy.url },
    ]) {
      proxy.asked.length = 0;
      expect((await get(env)).kind).to.equal("body");
      expect(proxy.asked).to.have.lengthOf(1);
    }
  });

  it("is left out for the hosts of NO_PROXY, and when it is empty", async () => {
    for (const env of [
      { HTTP_PROXY: proxy.url, NO_PROXY: "example.com,127.0.0.1" },
      { HTTP_PROXY: proxy.url, no_proxy: "*" },
      { HTTP_PROXY: "" },
      {},
    ]) {
      expect((await get(env)).kind).to.equal("body");
    }
    expect(proxy.asked).to.deep.equal([]);
  });

  it("is given the user and the password of its address", async () => {
    proxy.login = "Basic dXNlcjpwYXNz";
    expect((await get({ HTTP_PROXY: proxy.url.replace("http://", "http://user:pass@") })).kind).to.equal("body");
    const refused = await get({ HTTP_PROXY: proxy.url });
    expect(refused.kind === "failed" && refused.why).to.include("the proxy wants a login (407)");
  });

  it("makes the tunnel for https to the pages of Microsoft, each cloud and service at its own", async () => {
    const folder = folderWith({ ".git": "" });
    try {
      for (const [words, host] of [
        [["azure"], "www.microsoft.com:443"],
        [["azure", "--cloud", "usgov"], "www.microsoft.com:443"],
        [["office365"], "endpoints.office.com:443"],
      ] as const) {
        proxy.asked.length = 0;
        const line = readWords(command, words);
        if (line.kind !== "run") throw new Error("the command line is wrong");
        const io = keptIo(folder.path, { HTTPS_PROXY: proxy.url, XDG_STATE_HOME: join(folder.path, "state") });
        expect(await runFeedsUpdate(line.given, io, world)).to.equal(2);
        expect(new Set(proxy.asked)).to.deep.equal(new Set([`CONNECT ${host}`]));
        expect(io.kept.stderr).to.include("the proxy refuses the way to it, with status 403");
      }
    } finally {
      folder.remove();
    }
  });

  it("carries https through its tunnel, and a certificate that nobody vouches for is refused", async function () {
    const folder = folderWith({ ".git": "" });
    const [key, cert] = [join(folder.path, "key.pem"), join(folder.path, "cert.pem")];
    const made = spawnSync("openssl", [
      ..."req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=127.0.0.1".split(" "),
      ...["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", cert],
    ]);
    if (made.status !== 0 && process.env["CI"] === "true") throw new Error("the gate needs openssl");
    if (made.status !== 0) this.skip(); // no openssl here
    const secure = createSecureServer({ key: readFileSync(key), cert: readFileSync(cert) }, (_request, response) => {
      response.writeHead(200, { "content-type": "application/json" }).end(serviceTags(10));
    });
    try {
      const url = `${(await listening(secure)).replace("http:", "https:")}/tags.json`;
      const program = join(import.meta.dirname, "../../src/cli.ts");
      const words = ["--import", "tsx", program, "feeds", "update", "azure", "--url", url, "--json"];
      const run = async (env: NodeJS.ProcessEnv) => {
        const options = { cwd: folder.path, env: { PATH: process.env["PATH"], HTTPS_PROXY: proxy.url, ...env } };
        return promisify(execFile)(process.execPath, words, options).catch(
          (error: unknown) => error as { stdout: string },
        );
      };
      // Node looks for the loader beside the working folder.
      symlinkSync(join(import.meta.dirname, "../../node_modules"), join(folder.path, "node_modules"));
      expect((await run({ NODE_EXTRA_CA_CERTS: cert })).stdout).to.include('"outcome": "written"');
      expect(proxy.asked).to.deep.equal([`CONNECT ${new URL(url).host}`]);
      expect((await run({})).stdout).to.include("its certificate is not trusted");
    } finally {
      await closed(secure);
      folder.remove();
    }
  });

  const world = {
    timeouts: { connect: 5_000, idle: 5_000, total: 15_000 },
    wait: () => Promise.resolve(),
    random: () => 0,
  };

  async function get(env: Io["env"]): Promise<Answer> {
    const web = openWeb({
      ...world,
      env,
      now: () => new Date("2026-11-23T12:00:00Z"),
      progress: () => undefined,
      heldOff: () => undefined,
    });
    try {
      const url = new URL(`${microsoft.url}/tags.json`);
      return await web.get({ url, hosts: { kind: "given", host: url.hostname }, maxBytes: 1e6 });
    } finally {
      await web.close();
    }
  }

  /** A proxy that forwards http, and makes tunnels to this machine alone. */
  async function playProxy() {
    const asked: string[] = [];
    const made = { asked, login: undefined as string | undefined };
    const server = createServer((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      if (made.login !== undefined && request.headers["proxy-authorization"] !== made.login) {
        response.writeHead(407).end();
        return;
      }
      const onward = ask(request.url!, { headers: request.headers }, (answer) => {
        response.writeHead(answer.statusCode!, answer.headers);
        answer.pipe(response);
      });
      onward.on("error", () => response.destroy());
      request.pipe(onward);
    });
    server.on("connect", (request, socket) => {
      asked.push(`CONNECT ${request.url}`);
      const [host, port] = request.url!.split(":");
      if (host !== "127.0.0.1") {
        socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
        return;
      }
      const onward = connect(Number(port), host, () => {
        socket.write("HTTP/1.1 200 OK\r\n\r\n");
        onward.pipe(socket).pipe(onward);
      });
      onward.on("error", () => socket.destroy());
    });
    return Object.assign(made, { server, url: await listening(server) });
  }
});
