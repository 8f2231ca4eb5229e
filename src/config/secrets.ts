import type { Report } from './report.ts'
import { nearest } from './spelling.ts'
import type { Node, Source } from './tree.ts'

const SECRET_KEY = /PASSWORD|PASSWD|SECRET|TOKEN|API_?KEY|PRIVATE_?KEY|CREDENTIAL/i
/** A shorter value of a key that only looks secret may be any word of the log. */
const SHORTEST_GUESS = 6
const USUAL = ['PASSWORD', 'CLIENT_SECRET', 'API_SECRET', 'API_KEY']

/** True for a key whose value is a secret by its name, misspelt or not, whichever component it belongs to. */
export function isSecretKey(key: string): boolean {
  return !/_(FILE|LOCATION|PATH)$/i.test(key) && (SECRET_KEY.test(key) || nearest(key, USUAL) !== undefined)
}

/** Hides the values of all keys that name a secret, so that no shown line can give one away. */
export function hideSecrets(node: Node, report: Report): void {
  if (node.kind === 'list') for (const item of node.items) hideSecrets(item, report)
  if (node.kind !== 'map') return
  for (const { key, node: value } of node.entries.values()) {
    if (key === 'TOPIC_HANDLERS' && value.kind === 'map') {
      for (const route of value.entries.values()) hideSecrets(route.node, report)
    } else if (isSecretKey(key)) report.hide(value, SHORTEST_GUESS)
    else hideSecrets(value, report)
  }
}

/** The same for a file that is no valid YAML: all that stands behind such a key, and deeper lines below it. */
export function hideSecretLines(source: Source): void {
  let [start, secretColumn] = [0, Infinity]
  for (const line of source.text.split('\n')) {
    if (line.search(/\S/) > secretColumn) source.hidden.push([start, start + line.length])
    else {
      const keys = line.matchAll(/([A-Za-z_]+)["']?[ \t]*:(?=[ \t])/g)
      const key = keys.find(([, name]) => isSecretKey(name!))
      secretColumn = key?.index ?? Infinity
      if (key !== undefined) source.hidden.push([start + key.index + key[0].length + 1, start + line.length])
    }
    start += line.length + 1
  }
}
