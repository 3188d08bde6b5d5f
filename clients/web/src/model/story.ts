/** The chapters of a person's care. A return opens a new one; nothing is ever taken away. */

import type { EntryOf } from 'handrail'
import { type Day, daysBetween } from './days.ts'

export interface Chapter {
  id: string
  level: string
  from: Day
  /** Agreed minutes a week. */
  minutes: number
  reason: string
  /** The user who decided. */
  by: string
}

export interface Course {
  id: string
  began: Day
  ended: Day | null
  /** The newest first. */
  chapters: Chapter[]
}

/** The newest course of care first. */
export function storyOf(episodes: readonly EntryOf<'episode'>[], chapters: readonly EntryOf<'episode_chapter'>[]): Course[] {
  return episodes
    .map(({ id, doc }): Course => ({
      id,
      began: doc.started_on,
      ended: doc.ended_on,
      chapters: chapters.filter((chapter) => chapter.doc.episode === id).map(chapterOf).sort((one, other) => other.from.localeCompare(one.from)),
    }))
    .sort((one, other) => other.began.localeCompare(one.began))
}

function chapterOf({ id, doc }: EntryOf<'episode_chapter'>): Chapter {
  return { id, level: doc.level, from: doc.from_date, minutes: doc.minutes_target, reason: doc.reason, by: doc.decided_by }
}

/** The chapter that holds today. One that begins later is not there yet. */
export function chapterAt(today: Day, story: readonly Course[]): Chapter | null {
  const course = story.find(({ began, ended }) => began <= today && (ended === null || today <= ended))
  return course?.chapters.find(({ from }) => from <= today) ?? null
}

/** Whole weeks in care, all courses together. It only grows. */
export function weeksInCare(today: Day, story: readonly Course[]): number {
  const days = story.map(({ began, ended }) => daysBetween(began, ended !== null && ended < today ? ended : today))
  return Math.floor(days.reduce((sum, each) => sum + Math.max(0, each), 0) / 7)
}
