import type { Place } from './carry.ts'
import type { Notes } from './notes.ts'
import { isIdentity, isPlaceholder } from './placeholders.ts'
import { type Scalar, scalar } from './tree.ts'
import { asText, because, literal, type Text, type Value, type Variable } from './value.ts'

/** Text with its variables, where it is no secret. */
export function textIn(text: Text, { key, variable: wanted }: Place, notes: Notes): Scalar {
  const whole = literal(text)
  if (whole !== undefined && isIdentity(key) && isPlaceholder(whole)) {
    notes.variables.add(wanted)
    return scalar(`\${${wanted}}`, notes.add(text.line, `${key} is a placeholder`, `set ${wanted} in the environment`))
  }
  const mustBeSet = text.parts.length > 1 || isIdentity(key)
  return scalar(written(text, notes, mustBeSet))
}

/** As it stands in YAML; variables that are to be set are noted. */
export function written({ line, parts }: Text, notes: Notes, mustBeSet = false): string {
  const texts = parts.map((part) =>
    typeof part === 'string' ? escaped(part, line, notes) : variable(part, line, notes, mustBeSet)
  )
  return texts.join('')
}

function variable({ name, fallback, withheld }: Variable, line: number, notes: Notes, mustBeSet: boolean): string {
  if (withheld) notes.add(line, `the value of ${name} is a secret and is not copied`, `set ${name} in the environment`)
  const useful = fallback !== undefined && !isPlaceholder(fallback) && !(mustBeSet && fallback === '')
  if (useful && !/\}|\$\{/.test(fallback)) return `\${${name}:-${withoutPassword(fallback, line, notes)}}`
  if (useful) notes.add(line, `the default of ${name} cannot stand in YAML`, `set ${name} in the environment`)
  notes.variables.add(name)
  return `\${${name}}`
}

function escaped(text: string, line: number, notes: Notes): string {
  return withoutPassword(text, line, notes).split('${').join('$${')
}

function withoutPassword(text: string, line: number, notes: Notes): string {
  const without = text.replaceAll(/(\w+:\/\/[^/:@\s]*):[^/@\s]*@/g, '$1@')
  if (without !== text) notes.add(line, 'the password in a URL is a secret and is not copied', 'set PASSWORD')
  return without
}

/** A variable for what is not to be seen, or not known; one that stands there already stays, without its default. */
export function variableFor(value: Value, { key, variable: wanted }: Place, notes: Notes): Scalar {
  const text = asText(value)
  const [first, ...more] = text?.parts ?? []
  if (text !== undefined && first === undefined) return scalar(null)
  if (typeof first === 'object' && more.length === 0) {
    const { name, fallback } = first
    if (fallback && !isPlaceholder(fallback))
      notes.add(
        value.line,
        `the default of ${name} is not copied: ${key} is a secret`,
        `set ${name} in the environment`
      )
    return scalar(variable({ ...first, fallback: undefined }, value.line, notes, true))
  }
  const [name, rule] = replaced(value, text, wanted, notes)
  notes.variables.add(name)
  return scalar(`\${${name}}`, notes.add(value.line, `${key} ${rule}`, `set ${name} in the environment`))
}

/** Its name, and what stood there. */
function replaced(value: Value, text: Text | undefined, wanted: string, notes: Notes): readonly [string, string] {
  if (isPlaceholder(literal(value) ?? '')) return [wanted, 'is a placeholder']
  if (text === undefined) return [wanted, `is not known here${because(value)}`]
  return [notes.variableFor(wanted, JSON.stringify(text.parts)), 'is a secret and is not copied']
}
