import { carry, doubtsOf, isTree } from './carry.ts'
import { Module } from './module.ts'
import { type Note, Notes } from './notes.ts'
import { placeOf } from './options.ts'
import { carryStreams, classOf } from './streams.ts'
import { nodesWithin, Source } from './syntax.ts'
import type { MappingEntry } from './tree.ts'
import { because, literal, type Value } from './value.ts'
import { yamlOf } from './yaml.ts'

export type { Note } from './notes.ts'

/** A Django settings file as a configuration of ours. */
export interface Imported {
  /** Undefined: there was nothing to carry over. */
  readonly yaml: string | undefined
  readonly notes: readonly Note[]
  /** Environment variables that have to be set. */
  readonly variables: readonly string[]
  /** Handlers that have to be written: the path, and the dotted name that it stands for. */
  readonly handlers: readonly (readonly [path: string, dotted: string])[]
  /** The first line that is no Python; what functions and classes hold is not asked. */
  readonly brokenLine: number | undefined
}

const SETTINGS = ['ALERT_STREAMS', 'DATA_SHARING'] as const

/** Reads ALERT_STREAMS and DATA_SHARING by their literals; nothing is executed. `file` is what notes call it. */
export function importSettings(text: string, file: string): Imported {
  const source = new Source(text)
  const { names } = new Module(source, SETTINGS)
  const notes = new Notes(file)
  const entries: MappingEntry[] = []
  for (const key of SETTINGS) {
    const value = names.get(key)
    if (value === undefined) noteNested(key, source, notes)
    else {
      const tree = settingOf(key, value, notes)
      if (tree !== undefined) entries.push({ key, value: tree })
      for (const [line, module] of names.stars)
        if (line > value.line) notes.add(line, `${key} may be set by ${module}, too`, `import that file if it is`)
    }
  }
  noteBrokers(names.get('TOM_ALERT_CLASSES'), notes)
  if (notes.variables.size > 0) noteDotenv(source, notes)
  const inner = entries.length > 0 ? undefined : source.brokenLine(nodesWithin(source.root))
  if (inner !== undefined) notes.add(inner, 'this is no Python that can be read', 'settings that follow may be missing')
  const heading = [`From ${file}, by alertstreams import. Check it: alertstreams check`]
  return {
    yaml: entries.length > 0 ? yamlOf({ kind: 'mapping', entries, remarks: [] }, heading) : undefined,
    notes: notes.all,
    variables: [...notes.variables],
    handlers: [...notes.handlers],
    brokenLine: source.brokenLine(nodesWithin(source.root, /Definition$/))
  }
}

function settingOf(key: (typeof SETTINGS)[number], value: Value, notes: Notes): MappingEntry['value'] | undefined {
  if (key === 'ALERT_STREAMS' && value.kind === 'list') {
    const streams = carryStreams(value, notes)
    return streams.items.length > 0 ? streams : undefined
  }
  if (key === 'DATA_SHARING' && value.kind === 'dict') {
    const place = (name: string, parent?: { readonly key: string }) =>
      placeOf(name, parent === undefined || parent.key === key ? '' : parent.key)
    const tree = carry(value, place(key), place, notes)
    return isTree(tree) ? tree : undefined
  }
  if (value.kind === 'list' || value.kind === 'dict') doubtsOf(value, key, notes)
  const wanted = key === 'ALERT_STREAMS' ? 'list' : 'dict'
  notes.add(
    value.line,
    `${key} is left out: ${because(value).slice(2) || `it is no ${wanted}`}`,
    `write it as a ${wanted}, and import it again`
  )
  return undefined
}

/** The setting stands in a function or a class. */
function noteNested(key: string, source: Source, notes: Notes): void {
  const found = nodesWithin(source.root).find(
    (node) => node.name === 'VariableName' && node.parent?.name === 'AssignStatement' && source.textOf(node) === key
  )
  if (found !== undefined)
    notes.add(
      source.lineOf(found),
      `${key} is left out: it does not stand at the top level`,
      'move it there, and import it again'
    )
}

/** Brokers that a TOM asks by a form, and that are streams here. */
function noteBrokers(classes: Value | undefined, notes: Notes): void {
  for (const one of classes?.kind === 'list' ? classes.items : []) {
    const dotted = literal(one)
    if (dotted !== undefined && classOf(dotted)[1] !== undefined)
      notes.add(
        one.line,
        `${dotted} is a stream here`,
        'write it into ALERT_STREAMS, the fields of its form as OPTIONS'
      )
  }
}

/** Those who read a file of variables do it themselves. */
function noteDotenv(source: Source, notes: Notes): void {
  const reads = nodesWithin(source.root).find(
    (node) =>
      /^(CallExpression|ImportStatement)$/.test(node.name) &&
      /\b(load_dotenv|read_env|decouple)\b/.test(source.textOf(node))
  )
  if (reads !== undefined)
    notes.add(
      source.lineOf(reads),
      'a file of variables (.env) is not read here',
      'export them before alertstreams starts'
    )
}
