import type { Attempt } from '../src/model/attempts.ts'
import type { Draft } from '../src/model/draft.ts'
import type { Exercise } from '../src/model/exercises.ts'
import { beginUrge, type Urge, type UrgeStep } from '../src/model/urge.ts'
import { AttemptOf, type AttemptProps } from '../src/screens/tools/attempt.tsx'
import { Attempts } from '../src/screens/tools/attempts.tsx'
import { Missing } from '../src/screens/tools/missing.tsx'
import { Player, type PlayerProps } from '../src/screens/tools/player.tsx'
import { Reasons } from '../src/screens/tools/reasons.tsx'
import { Tools, type ToolsProps } from '../src/screens/tools/tools.tsx'
import { UrgeEnd, type UrgeEndProps, UrgeTool, type UrgeProps } from '../src/screens/tools/urge.tsx'
import { language } from '../src/text/text.ts'
import type { Shot } from './shot.ts'

const NOW = Date.now()
const nothing = () => {}
/** Sample data in the language that is shown. */
const say = (en: string, es: string) => (language.value === 'es' ? es : en)

function exercise(slug: string, words: Partial<Exercise>): Exercise {
  return {
    exercise: slug,
    slug,
    version: 1,
    method: 'cbt',
    needs: ['craving'],
    minutes: 5,
    title: slug,
    summary: '',
    rating: {
      about: 'distress',
      question: say('How upset do you feel right now?', '¿Qué tan mal te sientes ahora?'),
    },
    steps: [],
    ...words,
  }
}

const urgeExercise = () =>
  exercise('craving-sos', {
    minutes: 1,
    title: say('One minute for an urge', 'Un minuto para las ganas'),
    summary: say('Get through the first minute.', 'Para pasar el primer minuto.'),
  })

const breathing = () =>
  exercise('box-breathing', {
    method: 'mindfulness',
    needs: ['anxiety', 'cannot_sleep'],
    minutes: 3,
    title: say('Box breathing', 'Respiración cuadrada'),
    summary: say(
      'Breathe in, hold, breathe out, hold. Each side of the box is the same length.',
      'Toma aire, sostén, suelta, sostén. Cada lado del cuadro dura lo mismo.',
    ),
    caution: say(
      'If you feel dizzy, go back to your normal breath and try again later.',
      'Si te mareas, vuelve a respirar como siempre y prueba más tarde.',
    ),
    steps: [
      {
        id: 'pace',
        title: say('Choose a pace', 'Elige un ritmo'),
        fields: [
          {
            id: 'pace',
            type: 'choice',
            label: say('Which one feels right?', '¿Con cuál te sientes mejor?'),
            options: [
              { id: 'box_four', label: say('In 4 · hold 4 · out 4 · hold 4', 'Tomar 4 · sostener 4 · soltar 4 · sostener 4') },
              { id: 'gentle', label: say('In 4 · out 6 · no holding', 'Tomar 4 · soltar 6 · sin sostener') },
            ],
          },
        ],
      },
      {
        id: 'breathe',
        title: say('Breathe', 'Respira'),
        text: say('Let your shoulders drop. Follow the count.', 'Deja caer los hombros. Sigue la cuenta.'),
        fields: [
          { id: 'rounds', type: 'timer', seconds: 128, label: say('Breathe with the count', 'Respira siguiendo la cuenta') },
        ],
      },
    ],
  })

const record = () =>
  exercise('thought-record', {
    needs: ['low_mood', 'shame', 'anger'],
    minutes: 12,
    title: say('Thought record', 'Registro de pensamientos'),
    summary: say('Catch one thought. Look at both sides.', 'Atrapa un pensamiento. Mira los dos lados.'),
    steps: [
      {
        id: 'scene',
        title: say('What happened', 'Lo que pasó'),
        text: say('A few words are enough.', 'Bastan unas pocas palabras.'),
        fields: [{ id: 'event', type: 'text', label: say('What set the feeling off?', '¿Qué despertó ese sentimiento?') }],
      },
      {
        id: 'sides',
        title: say('Look at both sides', 'Mira los dos lados'),
        text: say('What would you tell a friend who thought this?', '¿Qué le dirías a alguien a quien quieres?'),
        fields: [
          { id: 'for', type: 'list', label: say('Facts that support it', 'Hechos a favor') },
          { id: 'against', type: 'list', max: 2, label: say('Facts that do not fit', 'Hechos que no encajan') },
        ],
      },
      {
        id: 'kind',
        title: say('It sounds like…', 'Suena a…'),
        fields: [
          {
            id: 'kind',
            type: 'choice',
            many: true,
            label: say('Tick what fits', 'Marca lo que encaje'),
            options: [
              { id: 'must', label: say('A “must”', 'Un “tiene que”') },
              { id: 'awful', label: say('“It is awful”', '“Es horrible”') },
              { id: 'whole', label: say('Judging a whole person', 'Juzgar a una persona entera') },
            ],
          },
          { id: 'belief', type: 'percent', label: say('How much do you believe it now?', '¿Cuánto lo crees ahora?') },
        ],
      },
      {
        id: 'wave',
        title: say('Stay with it', 'Quédate ahí'),
        fields: [{ id: 'wave', type: 'timer', seconds: 600, label: say('Stay with the wave', 'Quédate con la ola') }],
      },
      {
        id: 'newer',
        title: say('Your day', 'Tu día'),
        fields: [{ id: 'day', type: 'table' as 'text', label: say('Hours', 'Horas') }],
      },
    ],
  })

const library = () => [urgeExercise(), breathing(), record(), exercise('halt', { minutes: 3, needs: ['drift'], title: 'HALT', method: 'matrix', summary: say('Four things to look at first.', 'Cuatro cosas que mirar primero.') })]

function attempt(id: string, more: Partial<Attempt> = {}): Attempt {
  const at = new Date(NOW - 26 * 3_600_000).toISOString()
  return {
    id,
    exercise: 'thought-record',
    version: 1,
    assignment: null,
    started_at: at,
    finished_at: at,
    before: 8,
    after: 6,
    answers: {
      event: say('Teo did not call.', 'Teo no llamó.'),
      against: [say('I have been at every group this month', 'Este mes fui a todos los grupos')],
      kind: ['must', 'whole'],
      belief: 40,
      wave: 540,
    },
    fate: 'sent',
    sent_at: at,
    record: 'r',
    mutation: null,
    ...more,
  }
}

const attempts = () => [
  attempt('a', { fate: 'waiting', exercise: 'craving-sos', before: 8, after: 5 }),
  attempt('b', { fate: 'kept', exercise: 'box-breathing', before: 6, after: 6 }),
  attempt('c', { fate: 'not sent' }),
  attempt('d', { before: null }),
]

const titleOf = ({ exercise }: Attempt) => library().find((each) => each.exercise === exercise)?.title ?? ''

function tools(more: Partial<ToolsProps> = {}) {
  const props: ToolsProps = {
    exercises: library(),
    helped: [
      { exercise: 'craving-sos', rated: 9, eased: 7, mean_relief: 3 },
      { exercise: 'box-breathing', rated: 6, eased: 4, mean_relief: 2 },
    ],
    asked: [
      { id: '1', exercise: record(), from: 'Maria', note: '', due: { on: '2026-11-20', days: 1 }, at: { page: 3, of: 7 } },
    ],
    read: [
      {
        attempt: 'd',
        title: say('Saying no to a drink', 'Decir que no a un trago'),
        by: 'Maria',
        comment: say('Try the short version.', 'Prueba la versión corta.'),
      },
    ],
    attempts: attempts(),
    reasons: 2,
    filter: { need: null, minutes: null },
    getting: false,
    offline: false,
    onFilter: nothing,
    ...more,
  }
  return <Tools {...props} />
}

function player(exercise: Exercise, page: number, more: Partial<Draft> = {}, rest: Partial<PlayerProps> = {}) {
  const draft: Draft = {
    id: 'd',
    exercise: exercise.exercise,
    version: 1,
    assignment: null,
    started_at: new Date(NOW).toISOString(),
    page,
    before: 8,
    after: 6,
    answers: {
      for: [say('I missed Teo’s game in June', 'No fui al partido de Teo en junio')],
      against: [
        say('I have been at every group this month', 'Este mes fui a todos los grupos'),
        say('Dee said she trusts me with the car', 'Dee me confía el carro'),
      ],
      kind: ['must'],
      pace: 'box_four',
    },
    watches: {},
    ...more,
  }
  return (
    <Player
      exercise={exercise}
      draft={draft}
      team="Maria"
      sharing="keep"
      onDraft={nothing}
      onSharing={nothing}
      onDone={nothing}
      onClose={nothing}
      {...rest}
    />
  )
}

function urge(step: UrgeStep, more: Partial<Urge> = {}, rest: Partial<UrgeProps> = {}) {
  return (
    <UrgeTool
      urge={{ ...beginUrge('u', NOW, 8), step, wait: { spent: 140, since: null }, ...more }}
      reasons={[say('Teo’s first day of school.', 'El primer día de escuela de Teo.')]}
      shares={true}
      onStep={nothing}
      onNumber={nothing}
      onReasons={nothing}
      onWay={nothing}
      onShares={nothing}
      onDone={nothing}
      onClose={nothing}
      {...rest}
    />
  )
}

function urgeEnd(more: Partial<UrgeEndProps> = {}) {
  return (
    <UrgeEnd
      urge={{ ...beginUrge('u', NOW, 8), after: 5 }}
      minutes={9}
      result={{ exercise: 'craving-sos', rated: 9, eased: 7, mean_relief: 3 }}
      fate="waiting"
      onOnceMore={nothing}
      onOk={nothing}
      {...more}
    />
  )
}

function one(of: Attempt, more: Partial<AttemptProps> = {}) {
  return (
    <AttemptOf
      attempt={of}
      title={titleOf(of)}
      exercise={record()}
      reviews={[]}
      team="Maria"
      onShare={nothing}
      onDelete={nothing}
      onKeep={nothing}
      {...more}
    />
  )
}

const review = () => ({
  by: 'Maria',
  comment: say('You looked at both sides. Bring it on Friday?', 'Miraste los dos lados. ¿Lo traes el viernes?'),
  reviewed_at: new Date(NOW).toISOString(),
})

export const SHOTS: readonly Shot[] = [
  { name: 'tools', render: () => tools() },
  { name: 'tools first days', render: () => tools({ helped: [], asked: [], read: [], attempts: [], reasons: 0 }) },
  {
    name: 'tools asked',
    render: () =>
      tools({
        read: [],
        asked: [
          { id: '1', exercise: record(), from: '', note: say('Before group, if you like.', 'Antes del grupo, si quieres.'), due: null, at: null },
          { id: '2', exercise: breathing(), from: '', note: '', due: { on: '2026-11-17', days: -2 }, at: null },
          { id: '3', exercise: urgeExercise(), from: '', note: '', due: { on: '2026-11-19', days: 0 }, at: null },
        ],
      }),
  },
  { name: 'tools filtered', render: () => tools({ filter: { need: 'anxiety', minutes: 5 } }) },
  { name: 'tools none fits', render: () => tools({ filter: { need: 'drift', minutes: 1 } }) },
  { name: 'tools not here', render: () => tools({ exercises: [], helped: [], asked: [], read: [], getting: true, offline: true }) },
  { name: 'tools getting', render: () => tools({ exercises: [], helped: [], asked: [], read: [], getting: true }) },
  { name: 'tools empty', render: () => tools({ exercises: [], helped: [], asked: [], read: [] }) },
  { name: 'player before', render: () => player(breathing(), 0, { before: null }, { note: { from: 'Maria', words: say('Try it before group.', 'Pruébalo antes del grupo.') } }) },
  { name: 'player choice', render: () => player(breathing(), 1) },
  { name: 'player breathing', render: () => player(breathing(), 2) },
  { name: 'player breathing gentle', render: () => player(breathing(), 2, { answers: { pace: 'gentle' }, watches: { rounds: { spent: 20, since: NOW } } }) },
  { name: 'player breathing over', render: () => player(breathing(), 2, { watches: { rounds: { spent: 128, since: null } } }) },
  { name: 'player text', render: () => player(record(), 1) },
  { name: 'player lists', render: () => player(record(), 2) },
  { name: 'player several', render: () => player(record(), 3) },
  { name: 'player timer', render: () => player(record(), 4, { watches: { wave: { spent: 75, since: NOW } } }) },
  { name: 'player newer app', render: () => player(record(), 5) },
  { name: 'player after', render: () => player(record(), 6, { after: null }) },
  { name: 'player end', render: () => player(record(), 7) },
  { name: 'player end share', render: () => player(record(), 7, { before: null }, { sharing: 'share', team: '' }) },
  { name: 'player end alone', render: () => player(record(), 7, { after: 8 }, { team: null }) },
  { name: 'player full', render: () => player(record(), 1, {}, { full: true }) },
  { name: 'urge number', render: () => urge('number') },
  { name: 'urge breathe', render: () => urge('breathe', { breaths: { spent: 5, since: NOW } }) },
  { name: 'urge reasons', render: () => urge('reasons') },
  { name: 'urge first reason', render: () => urge('reasons', {}, { reasons: [] }) },
  { name: 'urge wait', render: () => urge('wait') },
  { name: 'urge wait with a person', render: () => urge('wait', {}, { person: { name: 'Dee', number: '555-0118' } }) },
  { name: 'urge again', render: () => urge('again', { after: 5 }) },
  { name: 'urge again, full', render: () => urge('again', { after: 5 }, { full: true }) },
  { name: 'urge again alone', render: () => urge('again', {}, { shares: null }) },
  { name: 'urge end', render: () => urgeEnd() },
  { name: 'urge end not sent', render: () => urgeEnd({ fate: 'not sent' }) },
  { name: 'urge end kept', render: () => urgeEnd({ fate: 'kept', result: null, minutes: null, urge: { ...beginUrge('u', NOW, 5), after: 7 } }) },
  { name: 'reasons', render: () => <Reasons reasons={[say('Teo’s first day of school.', 'El primer día de escuela de Teo.')]} onChange={nothing} /> },
  { name: 'reasons none', render: () => <Reasons reasons={[]} onChange={nothing} /> },
  { name: 'attempts', render: () => <Attempts attempts={attempts()} titleOf={titleOf} /> },
  { name: 'attempts none', render: () => <Attempts attempts={[]} titleOf={titleOf} /> },
  { name: 'attempt sent and read', render: () => one(attempt('d'), { reviews: [review()] }) },
  { name: 'attempt kept', render: () => one(attempt('d', { fate: 'kept', before: null })) },
  { name: 'attempt not sent', render: () => one(attempt('d', { fate: 'not sent' })) },
  { name: 'missing', render: () => <Missing /> },
]
