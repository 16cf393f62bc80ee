using RealRelationshipApi.Reporting;

namespace RealRelationshipApi.Tests.Reporting;

/// <summary>Numbers as the field prints them: never in powers of ten where digits can be read.</summary>
public sealed class ApaFormatTests
{
    [Theory]
    [InlineData(0.0004567, 3, "0.0005")]
    [InlineData(-0.0004, 2, "−0.0004")]
    [InlineData(0.0005, 3, "0.001")]
    [InlineData(0, 3, "0.000")]
    [InlineData(5e-17, 3, "0.000")]
    [InlineData(0.126, 2, "0.13")]
    [InlineData(-12345.6, 2, "−12,346")]
    [InlineData(1.24e12, 2, "1.2 × 10^12")]
    [InlineData(-1e90, 2, "−1.0 × 10^90")]
    public void Numbers_of_any_size(double value, int decimals, string text) => Assert.Equal(text, ApaFormat.Number(value, decimals));

    [Theory]
    [InlineData(-0.1, 0.8, "between −.10 and .80")]
    [InlineData(-0.999, 0.8, "anywhere below .80")]
    [InlineData(0.2, 0.9999, "anywhere above .20")]
    [InlineData(-0.999, 0.999, "anywhere between −1 and 1")]
    [InlineData(0.996, 0.999, "above .99")]
    [InlineData(-0.999, -0.996, "below −.99")]
    [InlineData(0.5, 1, "between .50 and 1.00")]
    public void Ranges_of_correlations_read_as_a_sentence(double lower, double upper, string text) =>
        Assert.Equal(text, Phrasing.DescribeRange(lower, upper, isCorrelation: true));

    [Theory]
    [InlineData(0.00046, "< .001")]
    [InlineData(0.0123, "= .012")]
    [InlineData(0.9999, "> .999")]
    public void P_values(double p, string text) => Assert.Equal(text, ApaFormat.PValue(p));
}
