import { doubt } from './doubts.ts'
import { Expressions } from './expressions.ts'
import { Names, reference } from './names.ts'
import { operation } from './operators.ts'
import { childrenOf, itemsOf, nodesWithin, type Source, type SyntaxNode, splitAt } from './syntax.ts'
import { extend, mergeInto, setEntry, truth, unknown, type Value } from './value.ts'

/** Methods that change a list or dict, and are followed. */
const FOLLOWED = ['append', 'extend', 'update']

/** Goes through the statements of a settings file one after the other; what a test decides is in doubt. */
export class Module {
  readonly names = new Names()
  /** Names that keep their value when a statement that is not executed may set another; it is in doubt then. */
  readonly #kept: readonly string[]
  readonly #source: Source
  readonly #expressions: Expressions

  constructor(source: Source, kept: readonly string[]) {
    this.#source = source
    this.#kept = kept
    this.#expressions = new Expressions(source, this.names)
    this.#run(childrenOf(source.root))
  }

  #run(statements: readonly SyntaxNode[]): void {
    for (const statement of statements) this.#statement(statement)
  }

  #statement(node: SyntaxNode): void {
    const broken = node.name === 'AssignStatement' ? this.#source.brokenLine(nodesWithin(node)) : undefined
    if (broken !== undefined) this.#assignAll(node, unknown(broken, 'this is no Python that can be read'))
    else if (node.name === 'AssignStatement') this.#assignAll(node)
    else if (node.name === 'UpdateStatement') this.#update(node)
    else if (node.name === 'ExpressionStatement') this.#call(node)
    else if (node.name === 'ImportStatement') this.#import(node)
    else if (node.name === 'StatementGroup') this.#run(childrenOf(node))
    else if (node.name === 'IfStatement') this.#if(node)
    else if (/^(FunctionDefinition|ClassDefinition|DecoratedStatement)$/.test(node.name)) this.#definition(node)
    else if (/^(Try|With|For|While|Match)Statement$/.test(node.name)) this.#doubt(node)
  }

  /** `a = b = value`, `a, b = values`, `a: type = value` */
  #assignAll(node: SyntaxNode, known?: Value): void {
    const sides = splitAt(
      childrenOf(node).filter(({ name }) => name !== 'TypeDef'),
      'AssignOp'
    )
    if (sides.length < 2) return
    const value = known ?? this.#expressions.evaluateAll(sides.at(-1)!)
    for (const side of sides.slice(0, -1)) {
      const targets = splitAt(side, ',').flatMap(([target]) => target ?? [])
      const fits = value.kind === 'list' && value.items.length === targets.length
      targets.forEach((target, n) => {
        const part = fits ? value.items[n]! : this.#expressions.unknown(node, 'it is one of several values')
        this.#assign(target, targets.length === 1 ? value : part)
      })
    }
  }

  #assign(target: SyntaxNode, value: Value): void {
    if (target.name === 'VariableName') return this.names.set(this.#source.textOf(target), value)
    const [object, opening, index] = childrenOf(target)
    if (target.name !== 'MemberExpression' || opening?.name !== '[') return
    const holder = this.#expressions.evaluate(object!)
    const key = this.#expressions.evaluate(index!)
    if (holder.kind === 'dict') setEntry(holder, key, value)
    else if (holder.kind === 'list' && key.kind === 'plain' && holder.items.at(Number(key.value)) !== undefined)
      holder.items.splice(Number(key.value), 1, value)
  }

  /** `a += value`; lists and dicts are changed in place. */
  #update(node: SyntaxNode): void {
    const [target, operator, ...right] = childrenOf(node)
    const symbol = this.#source.textOf(operator!).slice(0, -1)
    const old = this.#expressions.evaluate(target!)
    const value = this.#expressions.evaluateAll(right)
    if (old.kind === 'list' && symbol === '+') extend(old, value)
    else if (old.kind === 'dict' && symbol === '|') mergeInto(old, value)
    else this.#assign(target!, operation(this.#source.lineOf(node), symbol, old, value))
  }

  #call(node: SyntaxNode): void {
    const [call] = childrenOf(node)
    if (call?.name !== 'CallExpression') return
    const [callee, list] = childrenOf(call)
    const [object, , property] = callee?.name === 'MemberExpression' ? childrenOf(callee) : []
    const method = property && this.#source.textOf(property)
    const [first, ...others] = list?.name === 'ArgList' ? itemsOf(list) : []
    const plain = first !== undefined && others.length === 0 && first.length === 1
    if (object === undefined || !plain || !FOLLOWED.includes(method!)) return this.#doubt(call)
    const holder = this.#expressions.evaluate(object)
    const value = this.#expressions.evaluate(first[0]!)
    if (holder.kind === 'list' && method === 'append') holder.items.push(value)
    else if (holder.kind === 'list' && method === 'extend') extend(holder, value)
    else if (holder.kind === 'dict' && method === 'update') mergeInto(holder, value)
  }

  #import(node: SyntaxNode): void {
    const [from, imported] = splitAt(childrenOf(node), 'import')
    const line = this.#source.lineOf(node)
    const module = (from ?? [])
      .slice(1)
      .map((part) => this.#source.textOf(part))
      .join('')
    for (const words of splitAt(imported ?? [], ',')) {
      const [name, ...rest] = words.filter((word) => !'()'.includes(word.name)).map((word) => this.#source.textOf(word))
      if (name === undefined) continue
      const alias = rest.at(-2) === 'as' ? rest.at(-1)! : undefined
      if (name === '*') this.names.stars.set(line, module)
      else if (module !== '') {
        const path = `${module}${module.endsWith('.') ? '' : '.'}${name}`
        this.names.set(alias ?? name, reference(line, path, `${alias ?? name} is imported from ${module}`))
      } else {
        const path = [name, ...(alias === undefined ? rest : rest.slice(0, -2))].join('')
        this.names.set(alias ?? name, reference(line, alias === undefined ? name : path, `${path} is another module`))
      }
    }
  }

  /** A test that can be told chooses; else all that its branches do is in doubt. */
  #if(node: SyntaxNode): void {
    const children = childrenOf(node)
    for (let at = 0; at < children.length; at++) {
      const isElse = children[at]!.name === 'else'
      if (!/^(if|elif|else)$/.test(children[at]!.name)) continue
      const [test, body] = isElse ? [undefined, children[at + 1]] : children.slice(at + 1)
      const verdict = test === undefined ? true : truth(this.#expressions.evaluate(test))
      if (verdict === undefined) return this.#doubt(node)
      if (verdict) return this.#run(childrenOf(body!).slice(1))
    }
  }

  #definition(node: SyntaxNode): void {
    const name = nodesWithin(node).find(
      ({ name, parent }) => name === 'VariableName' && /Definition$/.test(parent?.name ?? '')
    )
    if (name === undefined) return
    const text = this.#source.textOf(name)
    this.names.set(text, reference(this.#source.lineOf(node), text, `${text} is defined in this file`))
  }

  #doubt(node: SyntaxNode): void {
    for (const inner of nodesWithin(node)) if (inner.name === 'ImportStatement') this.#import(inner)
    doubt(node, this.#source, this.names, this.#kept)
  }
}
