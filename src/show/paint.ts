/** Puts a terminal's colour around text, by its number (31 red, 1 bold), or does nothing. */
export type Paint = (text: string, colour: number) => string

export const plain: Paint = (text) => text
export const coloured: Paint = (text, colour) => `\u001b[${colour}m${text}\u001b[0m`
