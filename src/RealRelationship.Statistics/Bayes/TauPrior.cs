namespace RealRelationship.Statistics;

/// <summary>Families of priors of τ, the standard deviation of the true effects.</summary>
public enum TauPrior
{
    /// <summary>A normal distribution around 0 folded at 0; the scale is its standard deviation before folding.</summary>
    HalfNormal,

    /// <summary>A Cauchy distribution around 0 folded at 0; the scale is its median.</summary>
    HalfCauchy,

    /// <summary>Uniform from 0 to the scale.</summary>
    Uniform,

    /// <summary>The improper density 1 at every τ; the scale is not used. Without Bayes factors, and not with fewer than two effects (three if the prior of
    /// the mean is flat, too).</summary>
    Flat,
}

/// <summary>Densities of <see cref="TauPrior"/>.</summary>
internal static class TauPriorDensity
{
    private const int Never = 1_000;

    /// <summary>Whether the density has a finite integral.</summary>
    public static bool IsProper(this TauPrior prior) => prior != TauPrior.Flat;

    /// <summary>ln of the density at τ ≥ 0.</summary>
    public static double LogDensity(this TauPrior prior, double scale, double tau) => prior switch
    {
        TauPrior.HalfNormal => Math.Log(2 / scale) + Normal.LogDensity(tau / scale),
        TauPrior.HalfCauchy => Math.Log(2 / (Math.PI * scale)) - SaddlePoint.Log1P(tau / scale * (tau / scale)),
        TauPrior.Uniform => tau <= scale ? -Math.Log(scale) : double.NegativeInfinity,
        _ => 0,
    };

    /// <summary>The largest τ with a positive density.</summary>
    public static double Largest(this TauPrior prior, double scale) => prior == TauPrior.Uniform ? scale : double.PositiveInfinity;

    /// <summary>The power of τ with which the density falls in the end.</summary>
    public static int TailExponent(this TauPrior prior) => prior switch
    {
        TauPrior.HalfCauchy => 2,
        TauPrior.Flat => 0,
        _ => Never,
    };
}
