namespace RealRelationship.Statistics.Tests.Regression;

/// <summary>Terms, their columns, and rows for predicted values.</summary>
public sealed class RegressionDesignTests
{
    private static readonly string[] s_names = ["a", "b", "a:b", "x^2", "moderators.y"];

    private static readonly double[] s_numbers = [1, 2, 4, 3, 6, 5, 8, 9];
    private static readonly Moderator s_a = Moderator.Continuous("a", s_numbers);
    private static readonly string[] s_ofB = ["u", "v", "u", "w", "v", "w", "u", "v"];
    private static readonly string[] s_ofC = ["l", "l", "m", "m", "m", "l", "m", "l"];
    private static readonly Moderator s_b = Moderator.Categorical("b", s_ofB);
    private static readonly Moderator s_c = Moderator.Categorical("c", s_ofC);

    [Theory]
    [InlineData("a", "a1")]
    [InlineData("a:b", "a:b1")] // a moderator of that name comes first
    [InlineData("b:a", "b1 a1")]
    [InlineData("a^3", "a3")]
    [InlineData("b:a^2", "b1 a2")]
    [InlineData("x^2:b", "x^21 b1")]
    [InlineData("a:b:b", "a:b1 b1")] // the longest name
    [InlineData("a:a", "a2")]
    [InlineData("moderators.y^2", "moderators.y2")]
    [InlineData("q", null)]
    [InlineData("a^7", null)]
    [InlineData("a^-1", null)]
    [InlineData("a:", null)]
    [InlineData(":a", null)]
    [InlineData("a^", null)]
    public void Terms_are_read(string text, string? expected) =>
        Assert.Equal(expected,
            RegressionTerm.Parse(text, s_names.Contains) is { } term ? string.Join(' ', term.Factors.Select(f => f.Moderator + f.Power)) : null);

    [Fact]
    public void Columns_are_named_and_ordered_as_in_R()
    {
        var design = Design(["a", "b", "b:c", "c"]);
        Assert.Equal(["intercept", "a", "b:v", "b:w", "b:v:c:m", "b:w:c:m", "c:m"], design.Matrix.Names);
        Assert.Equal([1, 1, 2, 2, 1], (int[])[1, .. design.Terms.Select(t => t.Count)]);
        Assert.Empty(design.LowerTermsMissing);
    }

    [Fact]
    public void Factors_of_an_interaction_have_all_levels_if_the_rest_is_no_term()
    {
        var design = Design(["a:b"]);
        Assert.Equal(["intercept", "a:b:u", "a:b:v", "a:b:w"], design.Matrix.Names);
        Assert.Equal(["a:b"], design.LowerTermsMissing);
        Assert.Equal(["a^2"], Design(["b", "a^2"]).LowerTermsMissing);
    }

    [Fact]
    public void Numeric_codes_are_levels_in_numeric_order()
    {
        var codes = Moderator.FromCodes("q", [10, 2, 1, 10, 2.5]);
        Assert.Equal(["1", "2", "2.5", "10"], codes.Levels);
        Assert.Equal(["intercept", "q:2", "q:2.5", "q:10"], new RegressionDesign([codes], [new("q", [new("q")])]).Matrix.Names);
    }

    [Fact]
    public void A_row_has_the_columns_of_an_effect_with_its_values()
    {
        var design = Design(["a", "a^2", "b", "a:b", "c"], centred: true);
        for (var i = 0; i < 8; i++)
        {
            var row = design.Row(new Dictionary<string, ModeratorPoint>
            {
                ["a"] = s_numbers[i], ["b"] = s_ofB[i], ["c"] = s_ofC[i],
            });
            Assert.Equal(Enumerable.Range(0, design.Matrix.Columns).Select(j => design.Matrix[i, j]), row);
        }
    }

    [Fact]
    public void A_row_without_values_is_the_mean_over_levels_at_the_means_of_numbers()
    {
        var design = Design(["a", "a^2", "b", "a:b"]);
        var mean = s_numbers.Average();
        Assert.Equal([1, mean, mean * mean, 1 / 3.0, 1 / 3.0, mean / 3, mean / 3], design.Row(new Dictionary<string, ModeratorPoint>()),
            (x, y) => Math.Abs(x - y) < 1e-12);
    }

    [Fact]
    public void More_columns_than_effects_are_refused_by_name()
    {
        var error = Assert.Throws<StatisticsException>(() => Design(["a", "b", "c", "a:b", "a:c", "b:c"]));
        Assert.Equal("rankDeficient", error.Code);
        Assert.Contains("'b:c'", error.Message, StringComparison.Ordinal);
        Assert.Contains("effects are too few for", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Faults_of_the_caller_are_refused()
    {
        Assert.Throws<ArgumentException>(() => Design(["a", "a"]));
        Assert.Throws<ArgumentException>(() => new RegressionDesign([s_a], [new("z", [new("z")])]));
        Assert.Throws<ArgumentException>(() => new RegressionDesign([s_b], [new("b^2", [new("b", 2)])]));
        var design = Design(["a", "b"]);
        Assert.Throws<ArgumentException>(() => design.Row(new Dictionary<string, ModeratorPoint> { ["b"] = "nobody" }));
        Assert.Throws<ArgumentException>(() => design.Row(new Dictionary<string, ModeratorPoint> { ["b"] = 1 }));
        Assert.Throws<ArgumentException>(() => design.Row(new Dictionary<string, ModeratorPoint> { ["a"] = double.NaN }));
        Assert.Throws<ArgumentException>(() => design.Row(new Dictionary<string, ModeratorPoint> { ["z"] = 1 }));
    }

    private static RegressionDesign Design(string[] terms, bool centred = false) =>
        new([s_a, s_b, s_c], [.. terms.Select(t => RegressionTerm.Parse(t, name => name is "a" or "b" or "c")!)], centred);
}
