using System.Runtime.CompilerServices;

using Xunit.v3;

namespace RealRelationship.Testing;

/// <summary>
/// A test that takes seconds of processor time. It runs in CI and with <c>REALRELATIONSHIP_TEST_SLOW=1</c>, so that the suite of a developer stays
/// within five minutes on two cores.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class SlowFactAttribute : FactAttribute, ITraitAttribute
{
    /// <param name="reason">What takes the time: a sentence.</param>
    /// <param name="file">Set by the compiler.</param>
    /// <param name="line">Set by the compiler.</param>
    public SlowFactAttribute(string reason, [CallerFilePath] string? file = null, [CallerLineNumber] int line = -1) : base(file, line)
    {
        Skip = SlowTests.SkipReason(reason);
        SkipType = typeof(SlowTests);
        SkipUnless = nameof(SlowTests.AreRun);
    }

    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => SlowTests.Traits;
}

/// <summary>The same for each of several cases.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class SlowTheoryAttribute : TheoryAttribute, ITraitAttribute
{
    /// <inheritdoc cref="SlowFactAttribute(string, string?, int)"/>
    public SlowTheoryAttribute(string reason, [CallerFilePath] string? file = null, [CallerLineNumber] int line = -1) : base(file, line)
    {
        Skip = SlowTests.SkipReason(reason);
        SkipType = typeof(SlowTests);
        SkipUnless = nameof(SlowTests.AreRun);
    }

    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => SlowTests.Traits;
}

/// <summary>Whether this run includes the slow tests.</summary>
public static class SlowTests
{
    internal static readonly KeyValuePair<string, string>[] Traits = [new("Category", "Slow")];

    public static bool AreRun { get; } = IsSet("CI") || IsSet("REALRELATIONSHIP_TEST_SLOW");

    internal static string SkipReason(string reason) => $"Slow: {reason} It runs in CI and with REALRELATIONSHIP_TEST_SLOW=1.";

    private static bool IsSet(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value && value is not "0" and not "false";
}
