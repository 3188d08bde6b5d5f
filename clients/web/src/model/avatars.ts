/** Drawings that a person can choose to stand beside their alias: paths like those of the icons. */
const DRAWINGS = {
  boat: 'M12 3.5V16M12 4.5l6.5 8.5H12M10 7l-4.5 6H10M3.5 16h17L18 20.5H6z',
  fern: 'M6 20.5C9 13 13 8 19 4M9.5 14.5 6.5 11M9.5 14.5l5.5 1M12.5 10.5 10 7M12.5 10.5l5.5.5M15.5 7l-1-3M15.5 7l4 .5',
  fish: 'M3.5 12c3-5 9-6 13.5 0-4.5 6-10.5 5-13.5 0ZM17 12l4-4v8zM7.5 11.2v.1',
  heron: 'M4 7.5 8.5 6c2.5-.5 3.5 1.5 2 3.5S9 14 12 15.5s6 0 8.5-3.5c-2.5-1.5-6-1.5-9.5-.5M13 16v5M16 15.5V21',
  kite: 'M13 3.5 19 9l-6 7-5-7zM8 9h11M13 3.5V16c-1 3-4 1.5-5 4.5',
  moon: 'M19.5 14.5A8 8 0 1 1 10 4.5a6.5 6.5 0 0 0 9.5 10Z',
  mountain: 'M2.5 19.5 9.5 7l4 7 2.5-4 5.5 9.5zM7.5 10.5l2 1.5 2-1.5',
  star: 'M12 3.5l2.6 5.4 5.9.8-4.3 4.1 1 5.9-5.2-2.8-5.2 2.8 1-5.9-4.3-4.1 5.9-.8z',
  sun: 'M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8ZM12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M5.3 18.7l1.4-1.4M17.3 6.7l1.4-1.4',
  tree: 'M12 21v-8M12 17l3.5-3M12 3.5a5 5 0 0 0-4.5 3 4.3 4.3 0 0 0 .5 8.5h8a4.3 4.3 0 0 0 .5-8.5 5 5 0 0 0-4.5-3Z',
  wren: 'M3.5 10.5l3-1A4 4 0 0 1 13 7.5l3 3 4.5-5V12a7 7 0 0 1-7 6H11c-3 0-4.8-2.5-4.5-6.5M9.5 9.2v.1M11 18v3M14 18v3',
} as const

export type Avatar = keyof typeof DRAWINGS
export const AVATARS = Object.keys(DRAWINGS) as Avatar[]

/** Null for none, and for one that this app does not have: others may name more. */
export function drawingOf(avatar: string): string | null {
  return Object.hasOwn(DRAWINGS, avatar) ? DRAWINGS[avatar as Avatar] : null
}
