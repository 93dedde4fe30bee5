/** Something the person has to do first. The message is one sentence that says what; no stack is shown. */
export class Refusal extends Error {
  override name = 'Refusal';
}
