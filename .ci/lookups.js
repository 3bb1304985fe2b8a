import ts from 'typescript';

const anyText = ts.TypeFlags.String | ts.TypeFlags.TemplateLiteral | ts.TypeFlags.StringMapping;

/**
 * Reports `object[name]` where the name may be any text, and so may be one that every object inherits: `__proto__`,
 * `constructor`. Look up names from outside with `own()`, behind `Object.hasOwn`, or in a `Map`.
 */
export const ownLookups = {
  meta: {
    type: 'problem',
    schema: [],
    messages: {
      inherited: '{{name}} may be what every object inherits, such as constructor: use own(), Object.hasOwn or a Map.',
    },
  },
  create(context) {
    const { sourceCode } = context;
    const services = sourceCode.parserServices;
    const checker = services.program.getTypeChecker();
    const isOpen = (type) => type.flags & anyText || (type.isUnion() && type.types.some(isOpen));
    const isRecord = (type) =>
      type.isUnion() ? type.types.some(isRecord) : checker.getIndexInfoOfType(type, ts.IndexKind.String) !== undefined;
    // the program itself chooses the names of environment variables
    const isEnvironment = ({ object }) => /(^|\.)env$/.test(sourceCode.getText(object));
    const isGuarded = (node) => {
      const guard = `Object.hasOwn(${sourceCode.getText(node.object)}, ${sourceCode.getText(node.property)})`;
      const scope = sourceCode.getAncestors(node).findLast(({ type }) => /Function|MethodDefinition/.test(type));
      return sourceCode.getText(scope ?? sourceCode.ast).includes(guard);
    };
    return {
      'MemberExpression[computed=true]'(node) {
        if (!isOpen(services.getTypeAtLocation(node.property))) return;
        if (!isRecord(services.getTypeAtLocation(node.object)) || isEnvironment(node) || isGuarded(node)) return;
        context.report({ node, messageId: 'inherited', data: { name: sourceCode.getText(node.property) } });
      },
    };
  },
};
