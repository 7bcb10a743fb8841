/** The second-generation API as its users call it: over HTTP, with a Keystone token. */
export interface Api {
  call<T>(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<T>;
  text(method: string, path: string): Promise<string>;
}

export class ApiError extends Error {
  override name = 'ApiError';
  readonly status: number;
  readonly body: string;
  constructor(method: string, path: string, status: number, body: string) {
    super(`${method} ${path}: ${status} ${body}`);
    this.status = status;
    this.body = body;
  }
}

/** `token` is asked for each call, so that it may be renewed. */
export function openApi(url: string, token: () => Promise<string>): Api {
  async function send(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<string> {
    const response = await fetch(`${url}${path}`, {
      method, signal: AbortSignal.timeout(120_000),
      headers: { 'x-auth-token': await token(), ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new ApiError(method, path, response.status, text);
    return text;
  }
  return {
    call: async <T>(method: string, path: string, body?: unknown, headers?: Record<string, string>) => JSON.parse(await send(method, path, body, headers) || 'null') as T,
    text: (method, path) => send(method, path),
  };
}
