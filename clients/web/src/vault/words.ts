/** Words count, not how they are typed: case, accents, spaces. */
export function normalized(words: string): string {
  return words.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().split(/\s+/).filter(Boolean).join(' ')
}
