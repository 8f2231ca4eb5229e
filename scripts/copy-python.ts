import { cpSync } from 'node:fs'
import { join } from 'node:path'

/** Puts the Python module of handlers beside the built handlers. */
const root = join(import.meta.dirname, '..')
const filter = (path: string) => !path.includes('__pycache__')
cpSync(join(root, 'handlers/python'), join(root, 'dist/handlers/python'), { recursive: true, filter })
