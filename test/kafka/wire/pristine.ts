import { createRequire } from 'node:module'
import { dirname } from 'node:path'

const require = createRequire(import.meta.url)

/**
 * What a file of kafkajs exports before anything is replaced, in a copy of its own. Only what the file requires while
 * it loads is original too: name a file that loads its parts at once.
 */
export function pristine<Exports>(file: string): Exports {
  const folder = dirname(require.resolve('kafkajs/package.json'))
  const ours = Object.entries(require.cache).filter(([path]) => path.startsWith(folder))
  for (const [path] of ours) delete require.cache[path]
  try {
    return require(`kafkajs/src/${file}`)
  } finally {
    for (const path of Object.keys(require.cache)) if (path.startsWith(folder)) delete require.cache[path]
    for (const [path, module] of ours) require.cache[path] = module
  }
}
