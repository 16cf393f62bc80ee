using System.Text.Json;

namespace RealRelationship.Statistics.Tests;

/// <summary>Collects differences between our numbers and the reference's, and fails with all of them at once.</summary>
internal sealed class Agreement(double tolerance, double floor = 1e-3)
{
    private readonly List<string> differences = [];
    private int compared;

    /// <summary>The worst relative error among the numbers that agree.</summary>
    public double Worst { get; private set; }

    /// <summary>Relative to the reference, but to <c>floor</c> when that is larger in absolute value.</summary>
    public void Check(string where, double? ours, JsonElement answers, string name, int index = 0)
    {
        if (Number(answers, name, index) is not { } reference)
        {
            return;
        }
        compared++;
        var error = ours is { } x ? Error(name, x, reference) : double.PositiveInfinity;
        if (error <= tolerance)
        {
            Worst = Math.Max(Worst, error);
        }
        else
        {
            differences.Add($"{where}.{name}[{index}]: {ours:R}, reference {reference:R}, error {error:E1}");
        }
    }

    public void Verify(int atLeast)
    {
        TestContext.Current.TestOutputHelper?.WriteLine($"{compared} compared, worst relative error {Worst:E2}");
        Assert.True(differences.Count == 0, $"{differences.Count} of {compared} differ:\n{string.Join('\n', differences.Take(40))}");
        Assert.True(compared >= atLeast, $"Only {compared} numbers were compared.");
    }

    /// <summary>p-values by their logarithms, as a hundredth of the difference: their relative error is that of the statistic, magnified.</summary>
    private static double PValueError(double ours, double reference) =>
        reference < 0.5 ? Math.Abs(Math.Log(ours) - Math.Log(reference)) / 100 : Math.Abs(ours - reference);

    /// <summary>A p-value of 0 is one that metafor lets underflow; I² is in percent.</summary>
    private double Error(string name, double ours, double reference) => name switch
    {
        "p" or "qP" or "qmP" => reference == 0 ? ours : PValueError(ours, reference),
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
