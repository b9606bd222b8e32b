/** What went wrong with a connection, in words for people, as the end of a sentence. */
export function whyBroken(error: unknown): string {
  const code = codeOf(error);
  const words = code === undefined ? undefined : wordsOf(code);
  if (words !== undefined) return words;
  const message = error instanceof Error ? error.message : String(error);
  const [, refused] = /^Proxy response \((\d+)\)/.exec(message) ?? [];
  if (refused === "407" || message.startsWith("Proxy Authentication Required")) {
    return "the proxy wants a login (407): HTTPS_PROXY=http://user:password@proxy.example:3128 names one";
  }
  if (refused !== undefined) return `the proxy refuses the way to it, with status ${refused}`;
  return code === undefined ? message : `${message} (${code})`;
}

/** Whether another attempt would end in the same way: a name that does not exist, a certificate that is not trusted. */
export function isLasting(error: unknown): boolean {
  const code = codeOf(error);
  return code === "ENOTFOUND" || (code !== undefined && isAboutCertificates(code));
}

function isAboutCertificates(code: string): boolean {
  return /CERT|SELF_SIGNED|UNABLE_TO_|ERR_TLS/.test(code);
}

function wordsOf(code: string): string | undefined {
  switch (code) {
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return `the name of the host is not known here (${code}); behind a proxy, HTTPS_PROXY has to name it`;
    case "ECONNREFUSED":
      return "the host refuses the connection";
    case "EHOSTUNREACH":
    case "ENETUNREACH":
      return `there is no way to the host (${code}); behind a proxy, HTTPS_PROXY has to name it`;
    case "ECONNRESET":
    case "EPIPE":
    case "UND_ERR_SOCKET":
    case "UND_ERR_RES_CONTENT_LENGTH_MISMATCH":
    case "Z_BUF_ERROR":
      return "the connection was cut before all had come";
    case "ETIMEDOUT":
    case "UND_ERR_CONNECT_TIMEOUT":
      return "no connection could be made in time; behind a proxy, HTTPS_PROXY has to name it";
    default:
      return isAboutCertificates(code)
        ? `its certificate is not trusted (${code}); where a proxy signs anew, NODE_EXTRA_CA_CERTS names the file of its authority`
        : undefined;
  }
}

/** Of the error or of what caused it. */
function codeOf(error: unknown): string | undefined {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    if (at instanceof AggregateError && at.errors.length > 0) return codeOf(at.errors[0]);
    const { code } = at as NodeJS.ErrnoException;
    if (typeof code === "string" && code !== "UND_ERR_ABORTED") return code;
  }
  return undefined;
}
