/** Whom the person would call. The first of them is the one on Today. */

import type { PersonToCall } from './first_day.ts'

type People = readonly PersonToCall[]

/** A number that can be called: digits, and signs that people write between them. */
export function isNumber(number: string): boolean {
  return /^\+?[\d ().-]+$/.test(number.trim()) && number.replace(/\D/g, '').length >= 3
}

/** At the end, or where `before` stands. Someone who is there already is not there twice. */
export function withPerson(people: People, person: PersonToCall, before?: PersonToCall): PersonToCall[] {
  const place = before ? placeOf(people, before) : -1
  const all = place < 0 ? [...people, person] : people.with(place, person)
  return all.filter((each, at) => placeOf(all, each) === at)
}

export function without(people: People, person: PersonToCall): PersonToCall[] {
  return people.filter((each) => !isSame(each, person))
}

/** Someone who was removed is back where they stood. */
export function putBack(people: People, person: PersonToCall, place: number): PersonToCall[] {
  return without(people, person).toSpliced(place, 0, person)
}

export function placeOf(people: People, person: PersonToCall): number {
  return people.findIndex((each) => isSame(each, person))
}

function isSame(one: PersonToCall, other: PersonToCall): boolean {
  return one.name === other.name && one.number === other.number
}
