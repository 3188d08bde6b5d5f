/** What the tests use of Node. All of its types would give the app's pages globals that no browser has. */

declare module 'node:test' {
  export function test(name: string, run: () => void | Promise<void>): Promise<void>
}

declare module 'node:assert/strict' {
  type Fits = RegExp | object | ((error: unknown) => boolean)

  const assert: {
    ok(value: unknown, message?: string): asserts value
    equal(is: unknown, expected: unknown, message?: string): void
    notEqual(is: unknown, expected: unknown, message?: string): void
    deepEqual(is: unknown, expected: unknown, message?: string): void
    match(is: string, expected: RegExp, message?: string): void
    doesNotMatch(is: string, expected: RegExp, message?: string): void
    throws(work: () => unknown, fits?: Fits): void
    rejects(work: Promise<unknown> | (() => Promise<unknown>), fits?: Fits): Promise<void>
  }
  export default assert
}
