const PLACEHOLDER =
  /\b(environment|env var)\b|^<.*>$|^\[.*\]$|^(set|your|insert|enter|replace|fill|put|my)[\s_-]+\S*.*(here|user|pass|secret|key|id|name|value|credential|token|group)|^(change|replace)[\s_-]?me$|^x{3,}$|^(\.{3}|…)$|^todo\b/i

/** True for text that asks to be replaced: `set PASSWORD value in environment`, `<username>`, `changeme`. */
export function isPlaceholder(text: string): boolean {
  return PLACEHOLDER.test(text.trim())
}

/** Options that say who one is: an empty text is none, and a guess would be somebody else. */
export function isIdentity(key: string): boolean {
  return /USER|GROUP|(^|_)ID$/i.test(key)
}
