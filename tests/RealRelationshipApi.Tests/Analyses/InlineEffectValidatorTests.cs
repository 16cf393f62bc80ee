using CsCheck;

using RealRelationshipApi.Analyses;
using RealRelationshipApi.Studies.Contracts;

namespace RealRelationshipApi.Tests.Analyses;

/// <summary>Inline effects that pass the fast check instead of the full validation.</summary>
public sealed class InlineEffectValidatorTests
{
    private const int Iterations = 200_000;

    private static readonly InlineEffectValidator s_validator = new();

    private static readonly Gen<double?> s_r = AnyOf<double?>(null, null, 0.3, -0.99, 1, -1, double.BitDecrement(1), 1.5, 1e300);
    private static readonly Gen<long?> s_n = AnyOf<long?>(null, null, 40, 4, 3, 1, 0, -7, 10_000_000, 10_000_001, long.MaxValue);
    private static readonly Gen<double?> s_yi = AnyOf<double?>(null, null, 0.3, -15, 1e100, -1e100, 1.1e100, -2e300);
    private static readonly Gen<double?> s_vi = AnyOf<double?>(null, null, 0.02, 5, 0, -1, 1e-100, 1.1e-100, 1e-101, 1e100, 9e99);

    private static readonly Gen<string?> s_name = Gen.Frequency(
        (4, AnyOf<string?>(null, null, "lee-2020", "Lee et al., 2020", "", " ", "\t", "a\nb", "\u007f", "\u0085", "Müller", "\ud83d\ude00")),
        (2, Gen.Char[' ', '~'].Array[1, 4].Select(letters => (string?)new string(letters))),
        (1, Gen.String.Select(text => (string?)text)),
        (1, Gen.Int[199, 201].Select(length => (string?)new string('a', length))));

    private static readonly Gen<Dictionary<string, ModeratorValue>?> s_moderators = AnyOf<(string Name, ModeratorValue Value)?>(
        null, null, ("dose", ModeratorValue.Of(3)), ("setting", ModeratorValue.Of("clinic")), ("1st", ModeratorValue.Of(1)), ("setting", ModeratorValue.Of("")),
        ("setting", ModeratorValue.Of("3")))
        .Select(moderator => moderator is { } one ? new Dictionary<string, ModeratorValue> { [one.Name] = one.Value } : null);

    private static readonly Gen<InlineEffect> s_effect = Gen.Select(Gen.Select(s_r, s_n, s_yi, s_vi), Gen.Select(s_name, s_name, s_name), s_moderators)
        .Select((numbers, names, moderators) =>
        new InlineEffect
        {
            R = numbers.Item1, N = numbers.Item2, Yi = numbers.Item3, Vi = numbers.Item4, Id = names.Item1, Study = names.Item2,
            Sample = names.Item3, Moderators = moderators
        });

    [Fact]
    public void Effects_that_pass_the_fast_path_satisfy_every_rule()
    {
        var passed = 0;
        s_effect.Sample(effect =>
        {
            if (InlineEffectValidator.IsTriviallyValid(effect))
            {
                Interlocked.Increment(ref passed);
                Assert.Empty(s_validator.Validate(effect).Errors);
            }
        }, iter: Iterations);
        Assert.InRange(passed, Iterations / 1_000, Iterations);
    }

    [Fact]
    public void Ordinary_effects_pass_the_fast_path()
    {
        Assert.True(InlineEffectValidator.IsTriviallyValid(new() { R = 0.3, N = 40 }));
        Assert.True(
            InlineEffectValidator.IsTriviallyValid(
                new()
                {
                    Yi = 0.3, Vi = 0.02, N = 40, Sample = "Lee et al., 2020",
                    Moderators = new Dictionary<string, ModeratorValue> { ["dose"] = ModeratorValue.Of(3) }
                }));
    }

    private static Gen<T> AnyOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);
}
