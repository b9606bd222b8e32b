import Handlebars from "handlebars";

const compiled = new Map<string, HandlebarsTemplateDelegate>();

/**
 * A Handlebars template with its values put in. Nothing is escaped, because no output here is HTML: every value has to
 * be safe in the output's own syntax already. A name that `values` does not have throws.
 */
export function render(template: string, values: object): string {
  let run = compiled.get(template);
  if (run === undefined) {
    run = Handlebars.compile(template, { noEscape: true, strict: true });
    compiled.set(template, run);
  }
  return run(values);
}
