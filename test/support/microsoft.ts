import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { gzipSync } from "node:zlib";

export type Reply = (response: ServerResponse, request: IncomingMessage) => void;

/** Plays the pages of Microsoft on this machine, and their faults. */
export interface Microsoft {
  /** `http://127.0.0.1:40123` */
  readonly url: string;
  /** Every request that came, as `GET /path`, the query left out. */
  readonly asked: string[];
  /** Headers of the last request. */
  lastHeaders(): IncomingMessage["headers"];
  /** What a path answers from now on; several replies are given one after the other, the last one again and again. */
  on(path: string, ...replies: readonly Reply[]): void;
  close(): Promise<void>;
}

export async function playMicrosoft(): Promise<Microsoft> {
  const replies = new Map<string, Reply[]>();
  const asked: string[] = [];
  let headers: IncomingMessage["headers"] = {};
  const server = createServer((request, response) => {
    const path = new URL(request.url!, "http://here").pathname;
    asked.push(`${request.method} ${path}`);
    headers = request.headers;
    const list = replies.get(path) ?? [status(404)];
    const reply = list.length > 1 ? list.shift()! : list[0]!;
    reply(response, request);
  });
  return {
    url: await listening(server),
    asked,
    lastHeaders: () => headers,
    on: (path, ...list) => void replies.set(path, [...list]),
    close: () => closed(server),
  };
}

export async function listening(server: Server): Promise<string> {
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

export function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((done) => server.close(() => done()));
}

/** A service-tag file as Microsoft writes it. */
export function serviceTags(
  changeNumber: number,
  options: { cloud?: string; prefixes?: readonly string[] } = {},
): string {
  const { cloud = "Public", prefixes = ["198.51.100.0/24", "2001:db8:5::/48"] } = options;
  const value = (name: string, addressPrefixes: readonly string[]) => ({
    name,
    id: name,
    properties: { changeNumber, region: "", platform: "Azure", systemService: "AzureStorage", addressPrefixes },
  });
  const values = [value("Storage", prefixes), value("Storage.WestEurope", prefixes)];
  return JSON.stringify({ changeNumber, cloud, values }, null, 2).replaceAll("\n", "\r\n");
}

export function endpoints(prefix = "198.51.100.64/26"): string {
  const set = { id: 1, serviceArea: "Exchange", category: "Optimize", required: true, ips: [prefix], tcpPorts: "443" };
  return JSON.stringify([set], null, 2);
}

export function changes(version = "2026110100"): string {
  const change = { id: 7, endpointSetId: 1, disposition: "Change", impact: "AddedIp", version };
  return JSON.stringify([{ ...change, add: { effectiveDate: "20261201", ips: ["198.51.100.64/26"] } }]);
}

export function text(body: string, type = "application/json", more: Readonly<Record<string, string>> = {}): Reply {
  return (response) => response.writeHead(200, { "content-type": type, ...more }).end(body);
}

/** As the Download Center writes it: in the page's data the file's name goes before its address. */
export function page(link: string): Reply {
  const details = { dlcDetailsView: { downloadFile: [{ name: link.replace(/^.*\//, ""), url: link }] } };
  return text(
    `<!DOCTYPE html><html><script>window.__DLCDetails__=${JSON.stringify(details)}</script><a href="${link}">Download</a></html>`,
    "text/html",
  );
}

export function status(code: number, headers: Readonly<Record<string, string>> = {}): Reply {
  return (response) => response.writeHead(code, { "content-type": "text/plain", ...headers }).end("no\n");
}

export function redirect(location: string): Reply {
  return status(302, { location });
}

/** Only with the tag that was served. */
export function tagged(body: string, etag: string): Reply {
  return (response, request) => {
    if (request.headers["if-none-match"] === etag) response.writeHead(304, { etag }).end();
    else response.writeHead(200, { "content-type": "application/json", etag }).end(body);
  };
}

/** Announces all of a body and breaks the connection in its middle. */
export function cut(body: string): Reply {
  return (response) => {
    response.writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(body) });
    response.write(body.slice(0, body.length / 2), () => response.destroy());
  };
}

/** Breaks the connection before a word. */
export const hangUp: Reply = (response) => void response.destroy();

/** Closes the connection properly in the middle of a body of which nobody knows the length. */
export function truncated(body: string): Reply {
  return (response) => {
    const socket = response.socket as Socket;
    socket.end(`HTTP/1.0 200 OK\r\ncontent-type: application/json\r\n\r\n${body.slice(0, body.length / 2)}`);
  };
}

/** Says nothing for a long time. */
export const silent: Reply = () => undefined;

/** Sends the beginning and then nothing. */
export function stalling(body: string): Reply {
  return (response) => {
    response.writeHead(200, { "content-type": "application/json" });
    response.write(body.slice(0, 20));
  };
}

/** Sends a byte now and then, forever. */
export const trickling: Reply = (response) => {
  response.writeHead(200, { "content-type": "application/json" });
  const timer = setInterval(() => response.write(" "), 20);
  response.on("close", () => {
    clearInterval(timer);
  });
};

/** Sends spaces without an end, and counts what was taken. */
export function endless(sent: { bytes: number }): Reply {
  return (response) => {
    response.writeHead(200, { "content-type": "application/json" });
    const chunk = Buffer.alloc(1 << 20, " ");
    const more = (): void => {
      while (!response.destroyed) {
        sent.bytes += chunk.length;
        if (!response.write(chunk)) break;
      }
    };
    response.on("drain", more);
    more();
  };
}

export function announcing(bytes: number): Reply {
  return (response) => {
    response.writeHead(200, { "content-type": "application/json", "content-length": bytes });
    response.write("{");
  };
}

export function gzipped(body: string | Buffer): Reply {
  return raw(gzipSync(body), { "content-encoding": "gzip" });
}

export function raw(body: Buffer, headers: Readonly<Record<string, string>> = {}): Reply {
  return (response) => response.writeHead(200, { "content-type": "application/json", ...headers }).end(body);
}
