using System.Text.Json;

namespace RealRelationship.Statistics.Tests;

/// <summary>Collects differences between our numbers and the reference's, and fails with all of them at once.</summary>
internal sealed class ReferenceComparison(double tolerance, double floor = 1e-3)
{
    private readonly List<string> _differences = [];
    private int _compared;

    /// <summary>The worst relative error among the numbers that agree.</summary>
    public double LargestError { get; private set; }

    /// <summary>Relative to the reference, but to <c>floor</c> when that is larger in absolute value.</summary>
    public void Compare(string where, double? ours, JsonElement answers, string name, int index = 0)
    {
        if (Number(answers, name, index) is not { } reference)
        {
            return;
        }
        _compared++;
        var error = ours is { } x ? RelativeError(name, x, reference) : double.PositiveInfinity;
        if (error <= tolerance)
        {
            LargestError = Math.Max(LargestError, error);
        }
        else
        {
            _differences.Add($"{where}.{name}[{index}]: {ours:R}, reference {reference:R}, error {error:E1}");
        }
    }

    public void AssertAgreement(int atLeast)
    {
        TestContext.Current.TestOutputHelper?.WriteLine($"{_compared} compared, worst relative error {LargestError:E2}");
        Assert.True(_differences.Count == 0, $"{_differences.Count} of {_compared} differ:\n{string.Join('\n', _differences.Take(40))}");
        Assert.True(_compared >= atLeast, $"Only {_compared} numbers were compared.");
    }

    /// <summary>p-values by their logarithms, as a hundredth of the difference: their relative error is that of the statistic, magnified.</summary>
    private static double PValueError(double ours, double reference) =>
        reference < 0.5 ? Math.Abs(Math.Log(ours) - Math.Log(reference)) / 100 : Math.Abs(ours - reference);

    /// <summary>A p-value of 0 is one that metafor lets underflow; I² is in percent.</summary>
    private double RelativeError(string name, double ours, double reference) => name switch
    {
        "p" or "qP" or "qmP" or "qeP" => reference == 0 ? ours : PValueError(ours, reference),
        "i2" => Math.Abs(ours - reference) / Math.Max(Math.Abs(reference), 1),
        _ => Math.Abs(ours - reference) / Math.Max(Math.Abs(reference), floor),
    };

    private static double? Number(JsonElement answers, string name, int index)
    {
        if (!answers.TryGetProperty(name, out var value))
        {
            return null;
        }
        if (value.ValueKind == JsonValueKind.Array)
        {
            value = index < value.GetArrayLength() ? value[index] : default;
        }
        else if (index > 0)
        {
            return null;
        }
        return value.ValueKind == JsonValueKind.Number ? value.GetDouble() : null;
    }
}
