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
    [InlineData(0.00046, "< .001")]
    [InlineData(0.0123, "= .012")]
    [InlineData(0.9999, "> .999")]
    public void P_values(double p, string text) => Assert.Equal(text, ApaFormat.PValue(p));
}
