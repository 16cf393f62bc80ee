namespace RealRelationship.Statistics;

/// <summary>How the range of x is restricted in the samples.</summary>
public enum RangeRestrictionKind
{
    /// <summary>Selection on x itself: Thorndike's case II.</summary>
    Direct,
    /// <summary>Selection on something that x is correlated with: case IV (Hunter, Schmidt and Le 2006, Journal of Applied Psychology 91).</summary>
    Indirect,
}

/// <summary>Restriction of the range of x; Schmidt and Hunter 2015, Methods of Meta-Analysis, 3rd edition, chapter 3. A u above 1 is an enhancement.</summary>
/// <param name="Kind">Direct or indirect.</param>
/// <param name="U">u = standard deviation of x in the sample over that in the population, above 0.</param>
public sealed record RangeRestriction(RangeRestrictionKind Kind, double U)
{
    private const double LargestU = 10;

    /// <inheritdoc cref="RangeRestriction(RangeRestrictionKind, double)" path="/param[@name='U']"/>
    /// <exception cref="ArgumentOutOfRangeException">It is not above 0 and at most 10.</exception>
    public double U { get; } = Guard.InRange(U is > 0 and <= LargestU, U, nameof(U), "A ratio of standard deviations is above 0 and at most 10.");

    /// <summary>A of r = Aρ, ρ the correlation of true scores in the population.</summary>
    /// <remarks>
    /// Direct (reliability of x in the population, of y in the sample): r_y = r/√r_yy, ρ = r_y/(u √(1 + (u⁻² − 1)r_y²) √r_xx).
    /// Indirect (both reliabilities in the sample): r_t = r/√(r_xx r_yy), ρ = r_t/(u_T √(1 + (u_T⁻² − 1)r_t²)), with the reliability in the population
    /// r_xxa = 1 − u²(1 − r_xx) and u_T² = (u² − (1 − r_xxa))/r_xxa = u² r_xx/r_xxa.
    /// </remarks>
    /// <param name="r">The observed correlation, strictly between −1 and 1.</param>
    /// <param name="reliabilityX">Above 0, at most 1.</param>
    /// <param name="reliabilityY">Above 0, at most 1.</param>
    /// <returns>Above 0.</returns>
    /// <exception cref="StatisticsException"><c>rangeContradictsReliability</c>: u²(1 − r_xx) is not below 1, which no reliability in the population gives.
    /// </exception>
    public double Attenuation(double r, double reliabilityX, double reliabilityY)
    {
        var (inSample, u) = InSample(r, reliabilityX, reliabilityY);
        return Math.Sqrt(reliabilityX * reliabilityY) * Math.Sqrt(u * u + (1 - u * u) * inSample * inSample);
    }

    /// <summary>dρ/dr over ρ/r: 1/(1 + (u⁻² − 1)r²), r that which is corrected for range restriction. The sampling variance of ρ is that of r times its
    /// square over A² (the refinement of Schmidt and Hunter 2015, chapter 3, by the delta method).</summary>
    /// <inheritdoc cref="Attenuation" path="/param"/>
    /// <inheritdoc cref="Attenuation" path="/exception"/>
    public double Elasticity(double r, double reliabilityX, double reliabilityY)
    {
        var (inSample, u) = InSample(r, reliabilityX, reliabilityY);
        return 1 / (1 + (1 / (u * u) - 1) * inSample * inSample);
    }

    /// <summary>The correlation that is corrected for range restriction, and its u.</summary>
    private (double R, double U) InSample(double r, double reliabilityX, double reliabilityY)
    {
        if (Kind == RangeRestrictionKind.Direct)
        {
            return (r / Math.Sqrt(reliabilityY), U);
        }
        var inPopulation = 1 - U * U * (1 - reliabilityX);
        if (!(inPopulation > 0))
        {
            throw new StatisticsException("rangeContradictsReliability",
                "The reliability in a sample is too low for so large a ratio of standard deviations: the reliability in the population would not be above 0.");
        }
        return (r / Math.Sqrt(reliabilityX * reliabilityY), U * Math.Sqrt(reliabilityX / inPopulation));
    }
}
