using System.Reflection;
using System.Reflection.Emit;

namespace RealRelationshipApi.Tests.Architecture;

/// <summary>The types that a built type refers to: bases, interfaces, attributes, fields, signatures, locals and everything that its method bodies name.
/// Constants leave no trace, since the compiler copies them.</summary>
internal static class TypeReferences
{
    private const BindingFlags Declared =
        BindingFlags.DeclaredOnly | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static;

    private static readonly Dictionary<short, OpCode> s_opCodes = typeof(OpCodes).GetFields().Select(f => (OpCode)f.GetValue(null)!).ToDictionary(c => c.Value);

    /// <summary>Without generic arguments, arrays and the like around them; those of lambdas and state machines are found at these nested types.</summary>
    public static IReadOnlySet<Type> Of(Type type)
    {
        var found = new HashSet<Type>();
        Add(type.BaseType);
        AddAll(type.GetInterfaces());
        AddAttributes(type);
        if (type.IsGenericTypeDefinition)
        {
            AddAll(type.GetGenericArguments().SelectMany(a => a.GetGenericParameterConstraints()));
        }

        foreach (var field in type.GetFields(Declared))
        {
            AddMember(field);
            AddAttributes(field);
        }

        foreach (var property in type.GetProperties(Declared))
        {
            AddAttributes(property);
        }

        foreach (var method in type.GetMethods(Declared).Concat<MethodBase>(type.GetConstructors(Declared)))
        {
            AddMember(method);
            AddAttributes(method);
            if (method.GetMethodBody() is { } body)
            {
                AddAll(body.LocalVariables.Select(l => l.LocalType));
                AddAll(body.ExceptionHandlingClauses.Where(c => c.Flags == ExceptionHandlingClauseOptions.Clause).Select(c => c.CatchType));
                foreach (var token in Tokens(body.GetILAsByteArray()!))
                {
                    AddMember(method.Module.ResolveMember(token, type.IsGenericType ? type.GetGenericArguments() : null,
                        method.IsGenericMethod ? method.GetGenericArguments() : null));
                }
            }
        }

        return found;

        void AddAll(IEnumerable<Type?> types)
        {
            foreach (var one in types)
            {
                Add(one);
            }
        }

        void Add(Type? used)
        {
            if (used is null || used.IsGenericParameter)
            {
                return;
            }

            if (used.HasElementType)
            {
                Add(used.GetElementType());
                return;
            }

            if (found.Add(used.IsGenericType ? used.GetGenericTypeDefinition() : used) || used.IsConstructedGenericType)
            {
                AddAll(used.GenericTypeArguments.Where(a => a != used));
            }
        }

        void AddMember(MemberInfo? member)
        {
            Add(member as Type ?? member?.DeclaringType);
            if (member is FieldInfo field)
            {
                Add(field.FieldType);
            }

            if (member is MethodBase method)
            {
                AddAll(method.GetParameters().Select(p => p.ParameterType));
                Add((method as MethodInfo)?.ReturnType);
                AddAll(method.IsGenericMethod ? method.GetGenericArguments() : []);
            }
        }

        void AddAttributes(MemberInfo member) => AddAll(member.CustomAttributes.SelectMany(a => a.ConstructorArguments
            .Concat(a.NamedArguments.Select(n => n.TypedValue)).Select(v => v.Value as Type).Prepend(a.AttributeType)));
    }

    // ECMA-335, III.1.2: an opcode has one byte, or two of which the first is FE; the opcode determines what follows.
    private static IEnumerable<int> Tokens(byte[] il)
    {
        for (var at = 0; at < il.Length;)
        {
            var code = il[at] == 0xFE ? s_opCodes[unchecked((short)(0xFE00 | il[at + 1]))] : s_opCodes[il[at]];
            at += code.Size;
            if (code.OperandType is OperandType.InlineField or OperandType.InlineMethod or OperandType.InlineTok or OperandType.InlineType)
            {
                yield return BitConverter.ToInt32(il, at);
            }

            at += code.OperandType switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + (4 * BitConverter.ToInt32(il, at)),
                _ => 4,
            };
        }
    }
}
