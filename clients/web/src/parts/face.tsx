import { drawingOf } from '../model/avatars.ts'

interface FaceProps {
  name: string
  /** The drawing that they chose. */
  avatar?: string | undefined
  tone?: 'act' | 'wait' | 'good' | undefined
  small?: boolean | undefined
}

/** Beside an alias: a drawing or its first letter, never a photo. */
export function Face({ name, avatar = '', tone, small }: FaceProps) {
  return (
    <span class={small ? 'face small' : 'face'} data-tone={tone} aria-hidden="true">
      {drawingOf(avatar) === null ? [...name][0]?.toUpperCase() : <Drawing avatar={avatar} />}
    </span>
  )
}

export function Drawing({ avatar }: { avatar: string }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={drawingOf(avatar) ?? ''} />
    </svg>
  )
}
