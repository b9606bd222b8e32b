/**
 * How often a property is tried: `usual` times, scaled by PROPERTY_SCALE (mutation testing runs the suite a thousand
 * times and asks for less; a long night asks for more). Never less than 20 times.
 */
export function runs(usual: number): { readonly numRuns: number } {
  return { numRuns: Math.max(20, Math.round(usual * Number(process.env.PROPERTY_SCALE ?? 1))) };
}
