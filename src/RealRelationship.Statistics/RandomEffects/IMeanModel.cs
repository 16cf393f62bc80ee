namespace RealRelationship.Statistics;

/// <summary>Effects and variances, made ready for the weighted mean at any τ².</summary>
internal interface IMeanModel
{
    int Effects { get; }

    int DegreesOfFreedom { get; }

    /// <summary>Of ordinary least squares.</summary>
    double ResidualSumOfSquares { get; }

    /// <summary>Σ(y − ȳ)²/k.</summary>
    double CrudeVariance { get; }

    double SmallestVariance { get; }

    double LargestVariance { get; }

    Moments At(double tau2);

    /// <summary>The mean and its variance, without multiplier.</summary>
    (double Mean, double Variance) MeanAt(double tau2);

    /// <inheritdoc cref="LinearModel.LogLikelihood"/>
    double LogLikelihood(double tau2, bool restricted);

    /// <inheritdoc cref="LinearModel.UnweightedTraces"/>
    (double TracePV, double TracePVPV) UnweightedTraces();
}
