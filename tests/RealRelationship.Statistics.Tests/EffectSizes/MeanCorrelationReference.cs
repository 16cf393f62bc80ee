namespace RealRelationship.Statistics.Tests;

/// <summary>E[tanh Z], Z normal with mean mu and variance tau²: mpmath at 30 digits, quad(tanh(mu + tau*x)*npdf(x), [-12, 12]) in steps of 1/4.</summary>
internal static class MeanCorrelationReference
{
    public static TheoryData<double, double, double> Rows => new()
    {
        { 0.391, 0.0166, 0.36703467941720409394 },
        { 0.25, 0.2, 0.21034864154017448996 },
        { -0.8, 0.04, -0.64959267496811274636 },
        { 2, 0.99, 0.8657327507788229388 },
        { 0.5, 1, 0.29545287705173737015 },
        { 0.5, 1.01, 0.29461614869854227991 },
        { 0.1, 25, 0.015702809934946317335 },
        { 3, 400, 0.11911397726759126767 },
        { -6, 2, -0.99940657272401674352 },
    };
}
