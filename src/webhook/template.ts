/** Characters that a chat takes, with room for what it adds. */
const LONGEST = 3900

/** What a message is filled in from. */
export interface Facts {
  /** Decoded; fields are found by their path. */
  readonly payload: unknown
  readonly stream: string
  readonly topic: string
  readonly id: string
}

/** `{candidate.magpsf}`; `{candidate.magpsf:2}` with two decimals. JSON's own braces are none of these. */
const PLACEHOLDER = /\{([A-Za-z_]\w*(?:\.\w+)*)(?::(\d))?\}/g

/** Fills in `{stream}`, `{topic}`, `{id}` and fields of the payload; what is not there is `-`. */
export function fill(template: string, facts: Facts, escaped: (text: string) => string = (text) => text): string {
  return template.replaceAll(PLACEHOLDER, (_, path: string, decimals: string | undefined) => {
    const value = valueAt(path, facts)
    return escaped(
      typeof value === 'number' && decimals !== undefined ? value.toFixed(Number(decimals)) : textOf(value)
    )
  })
}

function valueAt(path: string, { payload, ...message }: Facts): unknown {
  if (path === 'stream' || path === 'topic' || path === 'id') return message[path]
  let value = payload
  for (const name of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
    value = (value as Record<string, unknown>)[name]
  }
  return value
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  const isPlain = typeof value === 'bigint' || typeof value === 'boolean' || Number.isFinite(value)
  return isPlain ? String(value) : '-'
}

/** How a service wants a text, and what in an alert it would take for something else. */
export interface Chat {
  readonly escaped: (text: string) => string
}

export const chats: Readonly<Record<string, Chat>> = {
  // Slack has no other special characters; `<!channel>` would call everyone.
  slack: { escaped: (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;') },
  // A space without a width: `@all` would call everyone.
  mattermost: { escaped: (text) => text.replaceAll('@', '@\u200b') }
}

/** The body for a chat. */
export function chatBody(text: string): string {
  return JSON.stringify({ text: text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text })
}

/** One text for many: how many they are, and the first of them, a line each. */
export function digestOf(texts: readonly string[], first: number): string {
  const lines = texts.slice(0, first).map((text) => `- ${text.split('\n', 1)[0]!.slice(0, 300)}`)
  return [`${texts.length} alerts, the first ${lines.length}:`, ...lines].join('\n')
}

/** A value inside a text of JSON. */
export function jsonEscape(text: string): string {
  return JSON.stringify(text).slice(1, -1)
}
