import type { Overlays } from 'handrail'

export const TOOLS_OVERLAYS: Overlays = {
  'practice.record_attempt': (args, _find, { clientTime }) => ({
    scope: `care:${args.record}`,
    kind: 'attempt',
    id: args.id!,
    fields: {
      exercise: args.exercise,
      version: args.version,
      assignment: args.assignment ?? null,
      started_at: args.started_at,
      finished_at: args.finished_at ?? null,
      before: args.before ?? null,
      after: args.after ?? null,
      answers: args.answers ?? {},
      recorded_at: clientTime,
      received_at: clientTime,
    },
  }),
}
