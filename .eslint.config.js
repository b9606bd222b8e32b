import tseslint from "typescript-eslint";

export default tseslint.config(
  {
    ignores: ["dist/", "coverage/", "reports/", ".stryker-tmp/", "**/*.generated.*", "**/fixtures/**", "ringwall-out/"],
  },
  {
    files: ["**/*.ts"],
    extends: [...tseslint.configs.strict, ...tseslint.configs.stylistic],
    rules: {
      // Indexes into typed arrays and fixed tables are certain where `noUncheckedIndexedAccess` cannot see it.
      "@typescript-eslint/no-non-null-assertion": "off",
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/switch-exhaustiveness-check": "off",
      "no-console": "off",
      eqeqeq: "error",
    },
  },
  {
    // `expect(x).to.be.true` is a whole sentence.
    files: ["test/**/*.ts"],
    rules: { "@typescript-eslint/no-unused-expressions": "off" },
  },
);
