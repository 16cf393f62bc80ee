namespace RealRelationshipApi.Tests.Architecture;

/// <summary>A reference is found wherever a type can be used, so that <see cref="DependencyTests"/> can fail.</summary>
public sealed class TypeReferencesTests
{
    [Theory]
    [InlineData(typeof(InField))]
    [InlineData(typeof(InSignature))]
    [InlineData(typeof(InGenericArgument))]
    [InlineData(typeof(InBase))]
    [InlineData(typeof(InAttribute))]
    [InlineData(typeof(InBody))]
    [InlineData(typeof(InStaticCall))]
    [InlineData(typeof(InTypeTest))]
    [InlineData(typeof(InLambda))]
    [InlineData(typeof(InAsyncMethod))]
    public void A_used_type_is_found(Type user) => Assert.Contains(typeof(Used), WithNested(user).SelectMany(TypeReferences.Of));

    [Fact]
    public void An_unused_type_is_not_found() => Assert.DoesNotContain(typeof(Used), WithNested(typeof(Nowhere)).SelectMany(TypeReferences.Of));

    private static IEnumerable<Type> WithNested(Type type) =>
        type.GetNestedTypes(System.Reflection.BindingFlags.NonPublic).SelectMany(WithNested).Prepend(type);

    private class Used
    {
        public static int Count() => 1;
    }

    [AttributeUsage(AttributeTargets.Class)]
    private sealed class MarkAttribute(Type type) : Attribute
    {
        public Type Type => type;
    }

    private sealed class Nowhere
    {
        public string Name => nameof(Used);
    }

#pragma warning disable CS0649, CA1812, CA1822, CA1823 // They are there to be looked at, not to be run.
    private sealed class InField
    {
        public Used[]? Value;
    }

    private sealed class InSignature
    {
        public void Take(Used? value) => _ = value is null;
    }

    private sealed class InGenericArgument
    {
        public Dictionary<string, List<Used>> Values { get; } = [];
    }

    private sealed class InBase : Used;

    [Mark(typeof(Used))]
    private sealed class InAttribute;

    private sealed class InBody
    {
        public object Create() => new Used();
    }

    private sealed class InStaticCall
    {
        public int Call() => Used.Count();
    }

    private sealed class InTypeTest
    {
        public bool Is(object value) => value is Used;
    }

    private sealed class InLambda
    {
        public Func<int, object> Create() => _ => new Used();
    }

    private sealed class InAsyncMethod
    {
        public async Task<object> CreateAsync()
        {
            await Task.Yield();
            return new Used();
        }
    }
#pragma warning restore
}
